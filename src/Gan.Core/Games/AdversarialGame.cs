namespace Gan.Core;

/// <summary>What a game of one generator against one discriminator is made of, beside the networks.</summary>
public sealed record AdversarialConfig
{
    /// <summary>The adversarial loss.</summary>
    public IAdversarialLoss Loss { get; init; } = new NonSaturating();

    /// <summary>Terms added to the discriminator's loss.</summary>
    public IReadOnlyList<IPenalty> Penalties { get; init; } = [];

    /// <summary>Terms added to the generator's loss.</summary>
    public IReadOnlyList<IPenalty> GeneratorPenalties { get; init; } = [];

    /// <summary>Changes of points before the discriminator sees them, in order.</summary>
    public IReadOnlyList<IAugmentation> Augmentations { get; init; } = [];

    /// <summary>Sets that the discriminator's weights are kept in.</summary>
    public IReadOnlyList<IConstraint> DiscriminatorConstraints { get; init; } = [];

    /// <summary>How the generator's weights move.</summary>
    public Chain GeneratorOptimizer { get; init; } =
        Optimizers.Adam(new AdamConfig { LearningRate = 2e-4 }.WithBetas(0.5, 0.999));

    /// <summary>How the discriminator's weights move.</summary>
    public Chain DiscriminatorOptimizer { get; init; } =
        Optimizers.Adam(new AdamConfig { LearningRate = 2e-4 }.WithBetas(0.5, 0.999));

    /// <summary>Points in a batch, real and generated alike.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.Positive(value);
    } = 64;

    /// <summary>What the data's points are conditioned on, such as <see cref="Space.Label"/>; null for nothing.</summary>
    public Space? Condition { get; init; }

    /// <summary>The discriminator's updates in a step.</summary>
    public int DiscriminatorSteps
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>The generator's updates in a step.</summary>
    public int GeneratorSteps
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>The average kept of the generator, or null.</summary>
    public Averaging? GeneratorAveraging { get; init; }

    /// <summary>How turns move weights.</summary>
    public IUpdateRule Rule { get; init; } = new Alternating();

    /// <summary>The element type: float32 or float64.</summary>
    public ScalarType Dtype { get; init; } = ScalarType.Float32;

    /// <summary>With another loss.</summary>
    public AdversarialConfig WithLoss(IAdversarialLoss loss) => this with { Loss = loss };

    /// <summary>With other penalties.</summary>
    public AdversarialConfig WithPenalties(params IPenalty[] penalties) => this with { Penalties = penalties };

    /// <summary>With other penalties of the generator.</summary>
    public AdversarialConfig WithGeneratorPenalties(params IPenalty[] penalties) =>
        this with
        {
            GeneratorPenalties = penalties,
        };

    /// <summary>With other augmentations.</summary>
    public AdversarialConfig WithAugmentations(params IAugmentation[] augmentations) =>
        this with
        {
            Augmentations = augmentations,
        };

    /// <summary>With one optimizer for both players.</summary>
    public AdversarialConfig WithOptimizers(Chain optimizer) =>
        this with
        {
            GeneratorOptimizer = optimizer,
            DiscriminatorOptimizer = optimizer,
        };

    /// <summary>With another batch size.</summary>
    public AdversarialConfig WithBatchSize(int batchSize) => this with { BatchSize = batchSize };

    /// <summary>With another condition.</summary>
    public AdversarialConfig WithCondition(Space condition) => this with { Condition = condition };

    /// <summary>With another rule.</summary>
    public AdversarialConfig WithRule(IUpdateRule rule) => this with { Rule = rule };

    /// <summary>With another element type.</summary>
    public AdversarialConfig WithDtype(ScalarType dtype) => this with { Dtype = dtype };
}

/// <summary>The game of one generator against one discriminator: two players, the discriminator's turn and then the generator's.</summary>
public static class AdversarialGame
{
    /// <summary>The generator's name as a player.</summary>
    public const string Generator = "generator";

    /// <summary>The discriminator's name as a player.</summary>
    public const string Discriminator = "discriminator";

    /// <summary>The game of the networks.</summary>
    /// <exception cref="RefusedException">The networks are of different spaces, or a part reads what another does not give.</exception>
    public static Game Create(IGenerator generator, IDiscriminator discriminator, AdversarialConfig config)
    {
        var samples = new GeneratedSamples
        {
            Data = new BatchView { Sample = generator.Space, Condition = config.Condition },
        };
        return Create([(Generator, generator)], discriminator, samples, config);
    }

    /// <summary>The game of networks that make points together, in one turn, against a discriminator.</summary>
    internal static Game Create(
        IReadOnlyList<(string Name, IGenerator Network)> makers,
        IDiscriminator discriminator,
        ISampleSource samples,
        AdversarialConfig config
    )
    {
        var augmentations = config.Augmentations.ToImmutableArray();
        var discriminating = new DiscriminatorObjective
        {
            Samples = samples,
            Loss = config.Loss,
            Penalties = [.. config.Penalties],
            Augmentations = augmentations,
        };
        var generating = new GeneratorObjective
        {
            Samples = samples,
            Loss = config.Loss,
            Penalties = [.. config.GeneratorPenalties],
            Augmentations = augmentations,
            BatchSize = config.BatchSize,
        };
        return new Game(
            [
                .. makers.Select(maker => new Player(maker.Name, maker.Network, config.GeneratorOptimizer)
                {
                    Averaging = config.GeneratorAveraging,
                }),
                new Player(Discriminator, discriminator, config.DiscriminatorOptimizer)
                {
                    Constraints = [.. config.DiscriminatorConstraints],
                },
            ],
            [
                new Turn(Discriminator, [Discriminator], discriminating, config.DiscriminatorSteps),
                new Turn(Generator, [.. makers.Select(maker => maker.Name)], generating, config.GeneratorSteps),
            ],
            config.Rule,
            config.Dtype
        );
    }
}
