namespace Gan.Experiments;

/// <summary>Looks at a run's state without changing it: pictures, quality, and signs of trouble.</summary>
internal sealed class Evaluator(RunPlan plan, IRunObserver observer)
{
    /// <summary>How far a generator's points are apart, in the mean, over how far real ones are.</summary>
    public static string DiversityName(ExperimentSpec spec, SampledGenerator sampled) =>
        $"diagnostics/{spec.NameOf(sampled, "diversity")}";

    /// <summary>E |grad D|^2 of a discriminator on its real or its fake points.</summary>
    public static string GradientName(Game game, DiscriminatorObjective objective, string points) =>
        DiscriminatorObjective.All(game).Count == 1
            ? $"diagnostics/discriminator_gradient_{points}"
            : $"diagnostics/{objective.Discriminator}/gradient_{points}";

    const int MostInspected = 512;
    const int MostBatches = 16;
    readonly ExperimentSpec spec = plan.Spec;

    /// <summary>Saves pictures of generated points, of each generator and of its average.</summary>
    public void Picture(GameState state)
    {
        if (plan.Folder is null)
            return;
        foreach (var sampled in spec.Samples)
        {
            var player = state.Player(sampled.Player);
            Picture(state, sampled, "samples/raw", player.Network);
            if (player.Average.Weights.Count > 0)
                Picture(state, sampled, "samples/average", player.Average);
        }
    }

    /// <summary>The spec's metrics, and the diagnostics of every run.</summary>
    public IReadOnlyDictionary<string, double> Evaluate(GameState state)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var key = state.Root.Derive("evaluation");
        var points = spec.Evaluation.Points;
        var values = new Dictionary<string, double>();
        foreach (var sampled in spec.Samples)
        {
            var (real, fake) = Draw(sampled, state.Player(sampled.Player).Best, key, points);
            var input = new MetricInput(real, fake, spec.Data.Of(sampled.Data).Mixture, key);
            foreach (var (name, value) in spec.Evaluation.Metrics.SelectMany(metric => metric.Measure(input)))
                values[$"evaluation/{spec.NameOf(sampled, name)}"] = value;
            var some = Math.Min(points, MostInspected);
            values[DiversityName(spec, sampled)] =
                MeanDistance(fake.Slice(0, some)) / Math.Max(MeanDistance(real.Slice(0, some)), 1e-300);
        }
        AddGradients(state, values);
        return values;
    }

    void Picture(GameState state, SampledGenerator sampled, string name, LayerState network)
    {
        using var scope = NewDisposeScope();
        var (real, fake) = Draw(sampled, network, state.Root.Derive("samples"), spec.Pictures.Count);
        var place = spec.Samples.Count == 1 ? name : $"{name}/{sampled.Player}";
        var picture = SamplePictures.Of(sampled.Data.RealSpace, fake, real);
        var file = StepFiles.SavePicture(plan.Folder!.Images, place, state.Step, picture);
        observer.On(new RunEvent.SamplesSaved(state.Step, file));
        if (SampleSounds.Of(sampled.Data.RealSpace, fake) is { } wav)
            StepFiles.SaveSound(plan.Folder.Sounds, place, state.Step, wav);
    }

    (Sample Real, Sample Fake) Draw(SampledGenerator sampled, LayerState state, RandomKey key, int count)
    {
        var batch = plan.Data.Draw(key, 0, count, spec.Game.Dtype);
        var network = new BoundNetwork(spec.Game.Networks[sampled.Player], state);
        return (
            sampled.Data.RealOf(batch),
            Sampling.Generate(network, sampled.Data.GivenOf(batch), key, count, spec.Game.Dtype).On(Devices.Cpu)
        );
    }

    // Between neighbors in the order of drawing, which are independent.
    static double MeanDistance(Sample sample)
    {
        var rows = sample.ToMatrix();
        var apart = rows.narrow(0, 1, rows.size(0) - 1) - rows.narrow(0, 0, rows.size(0) - 1);
        return apart.square().sum([1]).sqrt().mean().to_type(ScalarType.Float64).item<double>();
    }

    // At the points that each discriminator is trained on, in batches of the size that it takes whatever its layers do.
    void AddGradients(GameState state, Dictionary<string, double> values)
    {
        using var gradients = enable_grad();
        var size = spec.BatchSize;
        var batches = Math.Clamp(MostInspected / size, 1, MostBatches);
        var objectives = DiscriminatorObjective.All(spec.Game);
        foreach (var (_, objective) in objectives)
        {
            var norms = Enumerable
                .Range(0, batches)
                .Select(i =>
                {
                    using var scope = NewDisposeScope();
                    var key = state.Root.Derive("inspection").Derive(i);
                    var batch = plan.Data.Draw(key, 0, size, spec.Game.Dtype).On(spec.Game.Device);
                    return GradientNorms.Of(spec.Game, state, objective, batch, key);
                })
                .ToArray();
            values[GradientName(spec.Game, objective, "real")] = norms.Average(norm => norm.Real);
            values[GradientName(spec.Game, objective, "fake")] = norms.Average(norm => norm.Fake);
        }
    }
}
