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

    /// <summary>The classes that the data's points are labeled with; 0 for data without labels.</summary>
    public int Classes
    {
        get;
        init => field = Require.NotNegative(value);
    }

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
    /// <exception cref="ArgumentException">The networks are of different spaces.</exception>
    /// <exception cref="RefusedException">The loss or a penalty reads what the discriminator does not give.</exception>
    public static Game Create(IGenerator generator, IDiscriminator discriminator, AdversarialConfig config)
    {
        if (!generator.Space.Equals(discriminator.Space))
            throw new ArgumentException(
                $"The generator makes {string.Join(" and ", generator.Space.Components)}; the discriminator judges {string.Join(" and ", discriminator.Space.Components)}."
            );
        RequireFit(discriminator, config);
        var augmentations = config.Augmentations.ToImmutableArray();
        var judging = new DiscriminatorObjective(generator, discriminator, config.Loss, [.. config.Penalties], augmentations);
        var generating = new GeneratorObjective(
            generator,
            discriminator,
            config.Loss,
            [.. config.GeneratorPenalties],
            augmentations,
            config.BatchSize
        );
        return new Game(
            [
                new Player(Generator, generator, config.GeneratorOptimizer) { Averaging = config.GeneratorAveraging },
                new Player(Discriminator, discriminator, config.DiscriminatorOptimizer) { Constraints = [.. config.DiscriminatorConstraints] },
            ],
            [
                new Turn(Discriminator, [Discriminator], judging, config.DiscriminatorSteps),
                new Turn(Generator, [Generator], generating, config.GeneratorSteps),
            ],
            config.Rule,
            config.Dtype
        );
    }

    // Told by the part that is to be changed.
    static void RequireFit(IDiscriminator discriminator, AdversarialConfig config)
    {
        var loss = $"The loss {config.Loss.GetType().Name}";
        RefusedException.RequireOutputs(discriminator, config.Loss.Reads, loss);
        if (config.Loss.ReadsLabels && config.Classes == 0)
            throw RefusedException.For(RefusalReason.NeedsLabels, loss);
        if (config.Loss.ReadsLabels && discriminator.LogitCount != config.Classes + 1)
            throw new ArgumentException(
                $"{loss} needs a discriminator of {config.Classes + 1} outputs, one for each of {config.Classes} classes and one for generated points; this one has {discriminator.LogitCount}.",
                "discriminator"
            );
        foreach (var penalty in config.Penalties.Concat(config.GeneratorPenalties))
        {
            RefusedException.RequireOutputs(discriminator, penalty.Reads, $"The penalty {penalty.GetType().Name}");
            Named("penalties", () => penalty.Validate(discriminator.Space));
        }
        foreach (var augmentation in config.Augmentations)
            Named("augmentations", () => augmentation.Validate(discriminator.Space));
        if (config.BatchSize % discriminator.Pack != 0)
            throw new ArgumentException(PackedDiscriminator.Misfit(discriminator.Pack, config.BatchSize), "discriminator");
    }

    static void Named(string part, Action validate)
    {
        try
        {
            validate();
        }
        catch (ArgumentException failure)
        {
            throw new ArgumentException(failure.Message, part, failure);
        }
    }
}
