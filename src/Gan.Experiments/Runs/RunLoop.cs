namespace Gan.Experiments;

/// <summary>What a run loop works on.</summary>
/// <param name="Spec">The experiment, its threads decided.</param>
/// <param name="Data">Its data.</param>
/// <param name="Begin">Gives the state that the loop begins with, again if need be.</param>
/// <param name="Until">The step at which the run pauses.</param>
/// <param name="Folder">Where its files are; null without tracking.</param>
/// <param name="Store">The store that it lives in; empty without tracking.</param>
/// <param name="Tracker">Where it is written down; null without tracking.</param>
/// <param name="Fingerprints">Where the bits of its states go; null for nowhere.</param>
internal sealed record RunPlan(
    ExperimentSpec Spec,
    IDataset Data,
    Func<RunState> Begin,
    long Until,
    RunFolder? Folder = null,
    string Store = "",
    RunTracker? Tracker = null,
    FingerprintLog? Fingerprints = null
)
{
    /// <summary>What was logged before the first step, for detectors to go on from.</summary>
    public IReadOnlyList<JournalRecord.Metrics> Logged { get; init; } = [];
}

/// <summary>Makes the steps of a run, and at each step what the spec asks for. One thread owns a run.</summary>
internal sealed class RunLoop(RunPlan plan, IRunObserver observer)
{
    readonly ExperimentSpec spec = plan.Spec;
    readonly Stepper stepper = new(plan.Spec, plan.Data);
    readonly Evaluator evaluator = new(plan, observer);
    readonly IReadOnlyList<IDetector> detectors = Detectors.All(plan.Spec);
    readonly StopWatch stops = new(plan.Spec.Stop);
    readonly Dictionary<string, double> latest = [];
    readonly CheckpointStore? checkpoints = plan.Folder is null
        ? null
        : new CheckpointStore(plan.Folder.Checkpoints, plan.Spec.Checkpoints.Keep);
    double? best = BestOf(plan);

    // Why the run is to end before its last step; null while it is not.
    string? reason;

    /// <summary>Runs from a state, which it takes over, to the last step, the end of patience, or NaN.</summary>
    /// <param name="state">The state.</param>
    /// <param name="cancellation">Stops the run after a step.</param>
    public RunOutcome Run(RunState state, CancellationToken cancellation)
    {
        foreach (var logged in plan.Logged)
        {
            foreach (var detector in detectors)
                detector.Look(logged.Values);
            reason = stops.Look(logged.Step, logged.Values) ?? reason;
        }
        var saved = state.Game.Step == 0 ? -1 : state.Game.Step;
        while (
            reason is null
            && state.Game.Step < Math.Min(spec.Steps, plan.Until)
            && !cancellation.IsCancellationRequested
        )
        {
            var step = state.Game.Step + 1;
            var measured = step % spec.LogEvery == 0 || step == spec.Steps;
            var made = stepper.Next(state, measured);
            state = made.State;
            if (measured)
                Report(new RunEvent.StepLogged(step, made.Values) { Current = state.Game }, step, made.Values);
            // A state that has diverged takes no good checkpoint's place.
            if (
                made.Values.Values.Any(value => !double.IsFinite(value))
                || (Due(spec.Checkpoints.Every, step) && Divergence.FirstBadTensor(state.Game) is not null)
            )
                return Diverged(state, cancellation);
            if (Due(spec.FingerprintEvery, step))
                plan.Fingerprints?.Add(Fingerprint.Of(state.Game), made.Values);
            if (Due(spec.Pictures.Every, step))
                evaluator.Picture(state.Game);
            if (Due(spec.Evaluation.Every, step))
                Evaluate(state);
            if (Due(spec.Checkpoints.Every, step))
            {
                Save(state);
                saved = step;
            }
        }
        if (saved != state.Game.Step)
        {
            if (Divergence.FirstBadTensor(state.Game) is not null)
                return Diverged(state, cancellation);
            Save(state);
        }
        if (reason is not null)
        {
            if (!Due(spec.Pictures.Every, state.Game.Step))
                evaluator.Picture(state.Game);
            var sentence = $"step {state.Game.Step}: {reason}";
            plan.Tracker?.Tag("gan.stop_reason", sentence);
            return Outcome(RunEnding.Finished, state, $"Stopped at {sentence}.");
        }
        var ending =
            state.Game.Step >= spec.Steps ? RunEnding.Finished
            : state.Game.Step >= plan.Until ? RunEnding.Paused
            : RunEnding.Interrupted;
        return Outcome(ending, state, "");
    }

    bool Due(int every, long step) => every > 0 && (step % every == 0 || step == spec.Steps);

    void Evaluate(RunState state)
    {
        var values = evaluator.Evaluate(state.Game);
        Report(new RunEvent.Evaluated(state.Game.Step, values), state.Game.Step, values);
        KeepBest(state, values);
    }

    void Report(RunEvent measured, long step, IReadOnlyDictionary<string, double> values)
    {
        plan.Tracker?.Log(step, values);
        foreach (var (key, value) in values)
            latest[key] = value;
        observer.On(measured);
        reason = stops.Look(step, values) ?? reason;
        foreach (var detection in detectors.Select(detector => detector.Look(values)).OfType<Detection>())
            Tell(step, detection);
    }

    void Tell(long step, Detection detection)
    {
        plan.Tracker?.Tag($"gan.detected.{detection.Name}", $"step {step}: {detection.Message}. {detection.Advice}");
        observer.On(new RunEvent.Detected(step, detection));
    }

    RunOutcome Diverged(RunState state, CancellationToken cancellation)
    {
        var healthy = checkpoints?.FindLatest();
        var found = new Divergence(stepper).Find(
            healthy is null ? plan.Begin() : CheckpointStore.Load(spec.Game, healthy.File),
            state.Game.Step,
            cancellation
        );
        const string advice = "Try a smaller learning rate, a gradient penalty, or clip_norm.";
        Tell(found.Step, new Detection("divergence", found.Message, advice));
        var kept = healthy is null ? "" : $" The checkpoint of step {healthy.Step} is healthy.";
        return Outcome(RunEnding.Diverged, state, $"Step {found.Step} diverged: {found.Message}.{kept} {advice}");
    }

    // That of another metric, or of other weights, is no measure.
    static double? BestOf(RunPlan plan) =>
        plan.Folder is not null
        && new CheckpointStore(plan.Folder.Checkpoints, 1).FindBest() is { } known
        && known.BestBy == plan.Spec.Checkpoints.BestBy
        && known.DynamicsHash == plan.Spec.DynamicsHash
            ? known.Score
            : null;

    void KeepBest(RunState state, IReadOnlyDictionary<string, double> values)
    {
        var name = spec.Checkpoints.Best;
        if (name.Length == 0 || checkpoints is null)
            return;
        var score = values[$"evaluation/{name}"];
        var better = best is not { } known || (spec.Checkpoints.Maximize ? score > known : score < known);
        if (!double.IsFinite(score) || !better)
            return;
        best = score;
        checkpoints.SaveBest(WithPosition(state), spec.DynamicsHash, spec.Checkpoints.BestBy, score);
    }

    void Save(RunState state)
    {
        if (checkpoints is null)
            return;
        var file = checkpoints.Save(WithPosition(state), spec.DynamicsHash);
        observer.On(new RunEvent.CheckpointSaved(state.Game.Step, file));
    }

    RunState WithPosition(RunState state) =>
        state with
        {
            JournalPosition = plan.Tracker?.SafePosition(state.Game.Step) ?? 0,
        };

    RunOutcome Outcome(RunEnding ending, RunState state, string note) =>
        new(
            ending,
            plan.Folder?.RunId ?? "",
            plan.Folder?.Path ?? "",
            plan.Store,
            state.Game.Step,
            state.Game.Hash(),
            latest,
            note
        );
}
