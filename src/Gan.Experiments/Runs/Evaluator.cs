namespace Gan.Experiments;

/// <summary>Looks at a run's state without changing it: pictures, quality, and signs of trouble.</summary>
internal sealed class Evaluator(RunPlan plan, IRunObserver observer)
{
    /// <summary>How far generated points are apart, in the mean, over how far real ones are.</summary>
    public const string Diversity = "diagnostics/diversity";

    /// <summary>E |grad D(x)|^2 on real points.</summary>
    public const string RealGradient = "diagnostics/discriminator_gradient_real";

    /// <summary>E |grad D(G(z))|^2 on generated points.</summary>
    public const string FakeGradient = "diagnostics/discriminator_gradient_fake";

    const int MostInspected = 512;
    const int MostBatches = 16;
    readonly ExperimentSpec spec = plan.Spec;

    /// <summary>Saves pictures of generated points, of the generator and of its average.</summary>
    public void Picture(GameState state)
    {
        if (plan.Folder is null)
            return;
        var generator = state.Player(AdversarialGame.Generator);
        Picture(state, "samples/raw", generator.Network);
        if (generator.Average.Weights.Count > 0)
            Picture(state, "samples/average", generator.Average);
    }

    /// <summary>The spec's metrics, and the diagnostics of every run.</summary>
    public IReadOnlyDictionary<string, double> Evaluate(GameState state)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var key = state.Root.Derive("evaluation");
        var points = spec.Evaluation.Points;
        var (real, fake) = Draw(state.Player(AdversarialGame.Generator).Best, key, points);
        var input = new MetricInput(real, fake, spec.Data.Mixture, key);
        var values = spec
            .Evaluation.Metrics.SelectMany(metric => metric.Measure(input))
            .ToDictionary(pair => $"evaluation/{pair.Key}", pair => pair.Value);
        var some = Math.Min(points, MostInspected);
        values[Diversity] = MeanDistance(fake.Slice(0, some)) / Math.Max(MeanDistance(real.Slice(0, some)), 1e-300);
        values[RealGradient] = Gradient(state, real);
        values[FakeGradient] = Gradient(state, fake);
        return values;
    }

    void Picture(GameState state, string name, LayerState generator)
    {
        using var scope = NewDisposeScope();
        var (real, fake) = Draw(generator, state.Root.Derive("samples"), spec.Samples.Count);
        var picture = SamplePictures.Of(spec.Data.Space, fake, real);
        var file = StepFiles.SavePicture(plan.Folder!.Images, name, state.Step, picture);
        observer.On(new RunEvent.SamplesSaved(state.Step, file));
        if (SampleSounds.Of(spec.Data.Space, fake) is { } wav)
            StepFiles.SaveSound(plan.Folder.Sounds, name, state.Step, wav);
    }

    (Sample Real, Sample Fake) Draw(LayerState generator, RandomKey key, int count) =>
        (
            plan.Data.Draw(key, 0, count, spec.Game.Dtype).Sample,
            Sampling.Generate(spec.Generator, generator, key, count, spec.Game.Dtype).On(Devices.Cpu)
        );

    // Between neighbors in the order of drawing, which are independent.
    static double MeanDistance(Sample sample)
    {
        var rows = sample.ToMatrix();
        var apart = rows.narrow(0, 1, rows.size(0) - 1) - rows.narrow(0, 0, rows.size(0) - 1);
        return apart.square().sum([1]).sqrt().mean().to_type(ScalarType.Float64).item<double>();
    }

    // In batches of the size that the discriminator is trained on, which it takes whatever its layers do with them.
    double Gradient(GameState state, Sample points)
    {
        using var gradients = enable_grad();
        var network = state.Player(AdversarialGame.Discriminator).Network;
        var size = Math.Min(spec.BatchSize, points.BatchSize);
        var batches = Math.Clamp(Math.Min(MostInspected, points.BatchSize) / size, 1, MostBatches);
        return Enumerable
            .Range(0, batches)
            .Average(i =>
                GradientNorms.MeanSquare(
                    spec.Discriminator,
                    network,
                    points.Slice(i * size, size).On(spec.Game.Device),
                    state.Root.Derive("inspection").Derive(i)
                )
            );
    }
}
