namespace Gan.Core;

/// <summary>CycleGAN, but for the networks: one loss, penalties and optimizers for both directions.</summary>
public sealed record CycleConfig
{
    /// <summary>The data: a product of the two domains, <see cref="First"/> and <see cref="Second"/>.</summary>
    public required Space.Product Data { get; init; }

    /// <summary>The name of the first domain.</summary>
    public required string First { get; init; }

    /// <summary>The name of the second domain.</summary>
    public required string Second { get; init; }

    /// <summary>The coefficient of the cycle's term.</summary>
    public double Cycle
    {
        get;
        init => field = Require.NotNegative(value);
    } = 10;

    /// <summary>The coefficient of the identity's term, as a fraction of the cycle's.</summary>
    public double Identity
    {
        get;
        init => field = Require.NotNegative(value);
    }

    /// <summary>Losses, penalties, augmentations, optimizers and the rest, of both directions.</summary>
    public AdversarialConfig Adversarial { get; init; } = new() { Loss = new LeastSquares() };
}

/// <summary>
/// CycleGAN: two translators, in one turn, against a discriminator of each domain, in another. The pairs of the data need
/// not belong together.
/// </summary>
/// <remarks>Zhu, Park, Isola and Efros, 2017.</remarks>
public static class CycleGame
{
    /// <summary>The name, as a player, of the translator from one domain to another.</summary>
    public static string Translator(string source, string target) => $"{source}_to_{target}";

    /// <summary>The name, as a player, of a domain's discriminator.</summary>
    public static string Discriminator(string domain) => $"discriminator_{domain}";

    /// <summary>The game of the networks.</summary>
    /// <param name="forward">Translates the first domain into the second.</param>
    /// <param name="back">Translates the second domain into the first.</param>
    /// <param name="first">The first domain's discriminator.</param>
    /// <param name="second">The second domain's discriminator.</param>
    /// <param name="config">The rest of the game.</param>
    /// <exception cref="RefusedException">The networks do not fit.</exception>
    public static Game Create(
        IGenerator forward,
        IGenerator back,
        IDiscriminator first,
        IDiscriminator second,
        CycleConfig config
    )
    {
        var (there, andBack) = (new Direction(config.First, config.Second), new Direction(config.Second, config.First));
        Direction[] directions = [there, andBack];
        var rest = config.Adversarial;
        return new Game(
            [Maker(there, forward), Maker(andBack, back), Judge(config.First, first), Judge(config.Second, second)],
            [
                new Turn(
                    AdversarialGame.Discriminator,
                    [Discriminator(config.First), Discriminator(config.Second)],
                    new SumObjective([
                        .. directions.Select(way => new ObjectivePart(way.Target, way.Discriminating(config))),
                    ]),
                    rest.DiscriminatorSteps
                ),
                new Turn(
                    AdversarialGame.Generator,
                    [there.Player, andBack.Player],
                    new SumObjective([
                        .. directions.Select(way => new ObjectivePart(way.Player, way.Generating(config))),
                    ]),
                    rest.GeneratorSteps
                ),
            ],
            rest.Rule,
            rest.Dtype
        );

        Player Maker(Direction way, IGenerator network) =>
            new(way.Player, network, rest.GeneratorOptimizer) { Averaging = rest.GeneratorAveraging };

        Player Judge(string domain, IDiscriminator network) =>
            new(Discriminator(domain), network, rest.DiscriminatorOptimizer)
            {
                Constraints = [.. rest.DiscriminatorConstraints],
            };
    }

    sealed record Direction(string Source, string Target)
    {
        public string Player => Translator(Source, Target);

        GeneratedSamples Samples(CycleConfig config) =>
            new()
            {
                Generator = Player,
                Data = new BatchView
                {
                    Sample = config.Data,
                    Real = Target,
                    Given = Source,
                },
            };

        public DiscriminatorObjective Discriminating(CycleConfig config) =>
            new()
            {
                Discriminator = Discriminator(Target),
                Samples = Samples(config),
                Loss = config.Adversarial.Loss,
                Penalties = [.. config.Adversarial.Penalties],
                Augmentations = [.. config.Adversarial.Augmentations],
            };

        public GeneratorObjective Generating(CycleConfig config)
        {
            var cycle = new CycleConsistency
            {
                Forward = Player,
                Back = Translator(Target, Source),
                Coefficient = config.Cycle,
                Identity = config.Identity,
            };
            return new()
            {
                Discriminator = Discriminator(Target),
                DiscriminatorState = [AdversarialGame.Discriminator, Target],
                Samples = Samples(config),
                Loss = config.Adversarial.Loss,
                Penalties = [cycle, .. config.Adversarial.GeneratorPenalties],
                Augmentations = [.. config.Adversarial.Augmentations],
                Penalized = Player,
                BatchSize = config.Adversarial.BatchSize,
            };
        }
    }
}
