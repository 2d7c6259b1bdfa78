namespace Gan.Experiments;

/// <summary>A step that was made: the state after it, and what was measured.</summary>
internal sealed record PlayedStep(RunState State, IReadOnlyDictionary<string, double> Values);

/// <summary>Makes an experiment's steps on its data, and nothing else: the same from the same state, wherever it is.</summary>
internal sealed class Stepper(ExperimentSpec spec, IDataset data)
{
    /// <summary>
    /// Plays a prepared experiment without end: the state before the first step, of which nothing is measured, and then
    /// one step after another. Each step disposes of the state before it.
    /// </summary>
    public static IEnumerable<PlayedStep> Play(ExperimentSpec spec, bool measure)
    {
        var stepper = new Stepper(spec, spec.Data.Open());
        PlayedStep? last = null;
        while (true)
        {
            // Threads are the process's, and another experiment may be played beside this one.
            Engine.SetThreads(spec.Threads);
            last = last is null
                ? new PlayedStep(stepper.Start(), new Dictionary<string, double>())
                : stepper.Next(last.State, measure);
            yield return last;
        }
    }

    /// <summary>The state before the first step.</summary>
    public RunState Start()
    {
        using var scope = NewDisposeScope();
        var state = spec.Game.Init(RandomKey.FromSeed(spec.Seed));
        scope.MoveToOuter(state.Tensors);
        return new RunState(state, 0, 0);
    }

    /// <summary>Batches of a size, one after another from a position of a stream, on the game's device.</summary>
    public Batch[] Draw(RandomKey stream, long position, int size, int count)
    {
        var batches = new Batch[count];
        for (var i = 0; i < count; i++)
            batches[i] = data.Draw(stream, position + (long)i * size, size, spec.Game.Dtype).On(spec.Game.Device);
        return batches;
    }

    /// <summary>The step after a state, which it disposes of.</summary>
    public PlayedStep Next(RunState state, bool measure)
    {
        using var scope = NewDisposeScope();
        var (size, count) = (spec.BatchSize, spec.Game.BatchesPerStep);
        var batches = Draw(state.Game.Root.Derive("data"), state.Cursor, size, count);
        var result = Step.Run(spec.Game, state.Game, batches, measure);
        scope.MoveToOuter(result.State.Tensors);
        state.Game.Dispose();
        var next = state with { Game = result.State, Cursor = state.Cursor + (long)size * count };
        return new PlayedStep(next, result.Measurements.Read());
    }
}
