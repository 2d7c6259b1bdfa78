namespace Gan.Experiments;

/// <summary>What to find out of a state's dynamics.</summary>
public sealed record DynamicsRequest
{
    /// <summary>How many eigenvalues of each kind.</summary>
    public int Count { get; init; } = 6;

    /// <summary>How many products to find them by: as many as weights for all of them, exactly.</summary>
    public int Dimensions { get; init; } = 60;

    /// <summary>The points of a batch that gradients are taken on, rounded up to whole batches: more than in training, for less noise.</summary>
    public int Points { get; init; } = 512;

    /// <summary>The updates of each worst opponent of the duality gap; 0 leaves it out.</summary>
    public int GapSteps { get; init; }

    /// <summary>lambda of the proximal duality gap; null for the plain one.</summary>
    public double? Proximity { get; init; }
}

/// <summary>How a game moves near a state of a run.</summary>
/// <param name="Step">The state's step.</param>
/// <param name="Spectrum">The spectrum of the vector field's Jacobian.</param>
/// <param name="Turns">How straight the players go.</param>
/// <param name="Path">The field along the way from the first state; empty at the first state.</param>
/// <param name="Gap">The duality gap, where it was asked for.</param>
public sealed record GameDynamics(
    long Step,
    GameSpectrum Spectrum,
    IReadOnlyList<GradientTurn> Turns,
    IReadOnlyList<PathPoint> Path,
    DualityGap? Gap
);

/// <summary>Finds out how the games of experiments move.</summary>
public static class Dynamics
{
    const int MostTrainingBatches = 16;
    static readonly double[] fractions = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 1, 1.05, 1.1, 1.25];

    /// <summary>The dynamics at a run's last checkpoint.</summary>
    /// <exception cref="UserException">It has none.</exception>
    public static GameDynamics OfRun(FoundRun run, ExperimentSpec spec, DynamicsRequest request)
    {
        var last =
            new CheckpointStore(run.Folder.Checkpoints, 1).FindLatest()
            ?? throw new UserException($"The run {run.Folder.ShortId} has no checkpoint yet.");
        spec = ExperimentRunner.Prepare(spec);
        return Look(spec, CheckpointStore.Load(spec.Game, last.File), run.Pretrained is null, request);
    }

    /// <summary>The dynamics of an experiment after some steps from its start.</summary>
    public static GameDynamics AfterSteps(ExperimentSpec spec, long steps, DynamicsRequest request)
    {
        spec = ExperimentRunner.Prepare(spec);
        var state = Stepper.Play(spec, measure: false).First(made => made.State.Game.Step >= steps).State;
        return Look(spec, state, fromStart: true, request);
    }

    // The way from the first state is known where that was drawn, not where it was another run's.
    static GameDynamics Look(ExperimentSpec spec, RunState state, bool fromStart, DynamicsRequest request)
    {
        if (Divergence.FirstBadTensor(state.Game) is { } bad)
            throw new UserException($"At step {state.Game.Step} {bad} is NaN or infinite: the run has diverged there.");
        using var scope = NewDisposeScope();
        var stepper = new Stepper(spec, spec.Data.Open());
        var perStep = spec.Game.BatchesPerStep;
        var training = Math.Min(request.GapSteps, MostTrainingBatches);
        // A multiple of the batch, which every discriminator takes.
        var points = (request.Points + spec.BatchSize - 1) / spec.BatchSize * spec.BatchSize;
        var here = Draw(0, perStep);
        var next = Draw(perStep, perStep);
        // The generator's turn draws as many latents as its objective says, which a batch does not change.
        var first = stepper.Start().Game;
        var path =
            state.Game.Step == 0 || !fromStart ? [] : PathAngle.Along(spec.Game, first, state.Game, here, fractions);
        return new GameDynamics(
            state.Game.Step,
            GameSpectrum.Of(spec.Game, state.Game, here, request.Count, request.Dimensions),
            GradientCosine.Of(spec.Game, state.Game, here, next),
            path,
            request.GapSteps == 0
                ? null
                : DualityGap.Of(
                    spec.Game,
                    state.Game,
                    Draw(2 * perStep, training),
                    Draw(2 * perStep + training, 4),
                    new DualityGapConfig { Steps = request.GapSteps, Proximity = request.Proximity }
                )
        );

        // A stream of its own: points that neither training nor evaluation draws.
        Batch[] Draw(int after, int count) =>
            stepper.Draw(state.Game.Root.Derive("dynamics"), (long)after * points, points, count);
    }
}
