namespace Gan.Experiments;

/// <summary>What a run loop works on: the experiment, its data, and where to write, if anywhere.</summary>
internal sealed record RunPlan(ExperimentSpec Spec, IDataset Data, RunFolder? Folder, RunTracker? Tracker);

/// <summary>Makes the steps of a run, and at each step what the spec asks for. One thread owns a run.</summary>
internal sealed class RunLoop(RunPlan plan, IRunObserver observer)
{
    readonly ExperimentSpec spec = plan.Spec;
    readonly Dictionary<string, double> latest = [];
    readonly CheckpointStore? checkpoints = plan.Folder is null
        ? null
        : new CheckpointStore(plan.Folder.Checkpoints, plan.Spec.Checkpoints.Keep);
    double? best = plan.Folder is null ? null : new CheckpointStore(plan.Folder.Checkpoints, 1).FindBest()?.Score;

    /// <summary>Runs from a state, which it takes over, to the last step, the end of patience, or NaN.</summary>
    public RunOutcome Run(RunState state, CancellationToken cancellation)
    {
        var saved = state.Game.Step == 0 ? -1 : state.Game.Step;
        while (state.Game.Step < spec.Steps && !cancellation.IsCancellationRequested)
        {
            var step = state.Game.Step + 1;
            // What is saved is measured first: a state that has diverged takes no good checkpoint's place.
            var measured = step % spec.LogEvery == 0 || step == spec.Steps || Due(spec.Checkpoints.Every, step);
            var result = MakeStep(state, measured);
            state = state with
            {
                Game = result.State,
                Cursor = state.Cursor + (long)spec.BatchSize * spec.Game.BatchesPerStep,
            };
            if (measured && !Log(state.Game, result.Values))
                return Outcome(RunEnding.Diverged, state, Divergence(step, result.Values));
            if (Due(spec.Samples.Every, step))
                Picture(state.Game);
            if (Due(spec.Evaluation.Every, step))
                Evaluate(state);
            if (Due(spec.Checkpoints.Every, step))
            {
                Save(state);
                saved = step;
            }
        }
        if (saved != state.Game.Step)
            Save(state);
        return Outcome(state.Game.Step < spec.Steps ? RunEnding.Interrupted : RunEnding.Finished, state, "");
    }

    sealed record Made(GameState State, IReadOnlyDictionary<string, double> Values);

    Made MakeStep(RunState state, bool measured)
    {
        using var scope = NewDisposeScope();
        var batches = new Batch[spec.Game.BatchesPerStep];
        for (var i = 0; i < batches.Length; i++)
            batches[i] = plan.Data.Draw(
                state.Game.Root.Derive("data"),
                state.Cursor + (long)i * spec.BatchSize,
                spec.BatchSize,
                spec.Game.Dtype
            );
        var result = Step.Advance(spec.Game, state.Game, batches, new StepOptions(measured, GiveUp: true));
        scope.MoveToOuter(result.State.Tensors);
        return new Made(result.State, result.Measurements.Read());
    }

    bool Due(int every, long step) => every > 0 && (step % every == 0 || step == spec.Steps);

    bool Log(GameState state, IReadOnlyDictionary<string, double> values)
    {
        Remember(state.Step, values);
        observer.On(new RunEvent.Logged(state.Step, values) { Current = state });
        return values.Values.All(double.IsFinite);
    }

    void Picture(GameState state)
    {
        if (plan.Folder is null)
            return;
        var generator = state.Player(AdversarialGame.Generator);
        Picture(state, "samples/raw", generator.Network);
        if (generator.Average.Weights.Count > 0)
            Picture(state, "samples/average", generator.Average);
    }

    void Picture(GameState state, string name, LayerState generator)
    {
        using var scope = NewDisposeScope();
        var sample = Sampling.Generate(
            spec.Generator,
            generator,
            state.Root.Derive("samples"),
            spec.Samples.Count,
            spec.Game.Dtype
        );
        var real = plan.Data.Draw(state.Root.Derive("samples"), 0, spec.Samples.Count, spec.Game.Dtype).Sample;
        var picture = SamplePictures.Of(spec.Data.Space, sample, real);
        var file = StepImages.Save(plan.Folder!.Images, name, state.Step, picture);
        observer.On(new RunEvent.Pictured(state.Step, file));
    }

    void Evaluate(RunState state)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var key = state.Game.Root.Derive("evaluation");
        var points = spec.Evaluation.Points;
        var input = new MetricInput(
            plan.Data.Draw(key, 0, points, spec.Game.Dtype).Sample,
            Sampling.Generate(
                spec.Generator,
                state.Game.Player(AdversarialGame.Generator).Best,
                key,
                points,
                spec.Game.Dtype
            ),
            spec.Data.Mixture,
            key
        );
        var values = spec
            .Evaluation.Metrics.SelectMany(metric => metric.Measure(input))
            .ToDictionary(pair => $"evaluation/{pair.Key}", pair => pair.Value);
        Remember(state.Game.Step, values);
        observer.On(new RunEvent.Evaluated(state.Game.Step, values));
        KeepBest(state, values);
    }

    void KeepBest(RunState state, IReadOnlyDictionary<string, double> values)
    {
        var name = spec.Checkpoints.Best;
        if (name.Length == 0 || checkpoints is null)
            return;
        var score = values[$"evaluation/{name}"];
        if (!double.IsFinite(score))
            return;
        if (best is { } known && !(spec.Checkpoints.Maximize ? score > known : score < known))
            return;
        best = score;
        checkpoints.SaveBest(WithPosition(state), spec.DynamicsHash, score);
    }

    void Save(RunState state)
    {
        if (checkpoints is null)
            return;
        var file = checkpoints.Save(WithPosition(state), spec.DynamicsHash);
        observer.On(new RunEvent.Saved(state.Game.Step, file));
    }

    RunState WithPosition(RunState state) =>
        state with
        {
            JournalPosition = plan.Tracker?.SafePosition(state.Game.Step) ?? 0,
        };

    void Remember(long step, IReadOnlyDictionary<string, double> values)
    {
        plan.Tracker?.Log(step, values);
        foreach (var (key, value) in values)
            latest[key] = value;
    }

    static string Divergence(long step, IReadOnlyDictionary<string, double> values)
    {
        var bad = values.Where(pair => !double.IsFinite(pair.Value)).Select(pair => $"{pair.Key} = {pair.Value}");
        return $"Step {step} diverged: {string.Join(", ", bad)}. The last checkpoint is from before; try a smaller learning rate or a gradient penalty.";
    }

    RunOutcome Outcome(RunEnding ending, RunState state, string note) =>
        new(
            ending,
            plan.Folder?.RunId ?? "",
            plan.Folder?.Path ?? "",
            state.Game.Step,
            state.Game.Hash(),
            latest,
            note
        );
}
