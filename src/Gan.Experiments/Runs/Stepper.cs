namespace Gan.Experiments;

/// <summary>A step that was made: the state after it, and what was measured.</summary>
internal sealed record Made(RunState State, IReadOnlyDictionary<string, double> Values);

/// <summary>Makes an experiment's steps on its data, and nothing else: the same from the same state, wherever it is.</summary>
internal sealed class Stepper(ExperimentSpec spec, IDataset data)
{
    /// <summary>The state before the first step.</summary>
    public RunState Start()
    {
        using var scope = NewDisposeScope();
        var state = spec.Game.Init(RandomKey.FromSeed(spec.Seed));
        scope.MoveToOuter(state.Tensors);
        return new RunState(state, 0, 0);
    }

    /// <summary>The batches of the step after a state.</summary>
    public Batch[] Batches(RunState state)
    {
        var batches = new Batch[spec.Game.BatchesPerStep];
        for (var i = 0; i < batches.Length; i++)
            batches[i] = data.Draw(
                    state.Game.Root.Derive("data"),
                    state.Cursor + (long)i * spec.BatchSize,
                    spec.BatchSize,
                    spec.Game.Dtype
                )
                .On(spec.Game.Device);
        return batches;
    }

    /// <summary>The step after a state, which it disposes of.</summary>
    public Made Next(RunState state, bool measure)
    {
        using var scope = NewDisposeScope();
        var result = Step.Run(spec.Game, state.Game, Batches(state), measure);
        scope.MoveToOuter(result.State.Tensors);
        state.Game.Dispose();
        var next = state with
        {
            Game = result.State,
            Cursor = state.Cursor + (long)spec.BatchSize * spec.Game.BatchesPerStep,
        };
        return new Made(next, result.Measurements.Read());
    }
}
