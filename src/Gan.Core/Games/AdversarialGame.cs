using System.Collections.Immutable;

namespace Gan.Core;

/// <summary>What a game of one generator against one critic is made of, beside the networks.</summary>
public sealed record AdversarialConfig
{
    /// <summary>The adversarial loss.</summary>
    public IAdversarialLoss Loss { get; init; } = new NonSaturating();

    /// <summary>Terms added to the critic's loss.</summary>
    public IReadOnlyList<IPenalty> Penalties { get; init; } = [];

    /// <summary>Sets that the critic's weights are kept in.</summary>
    public IReadOnlyList<IConstraint> CriticConstraints { get; init; } = [];

    /// <summary>How the generator's weights move.</summary>
    public Chain GeneratorOptimizer { get; init; } =
        Optimizers.Adam(new AdamConfig { LearningRate = 2e-4 }.WithBetas(0.5, 0.999));

    /// <summary>How the critic's weights move.</summary>
    public Chain CriticOptimizer { get; init; } =
        Optimizers.Adam(new AdamConfig { LearningRate = 2e-4 }.WithBetas(0.5, 0.999));

    /// <summary>Points in a batch, real and generated alike.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.Positive(value);
    } = 64;

    /// <summary>The critic's updates in a step.</summary>
    public int CriticSteps
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

    /// <summary>With one optimiser for both players.</summary>
    public AdversarialConfig WithOptimizers(Chain optimizer) =>
        this with
        {
            GeneratorOptimizer = optimizer,
            CriticOptimizer = optimizer,
        };

    /// <summary>With another batch size.</summary>
    public AdversarialConfig WithBatchSize(int batchSize) => this with { BatchSize = batchSize };

    /// <summary>With another rule.</summary>
    public AdversarialConfig WithRule(IUpdateRule rule) => this with { Rule = rule };

    /// <summary>With another element type.</summary>
    public AdversarialConfig WithDtype(ScalarType dtype) => this with { Dtype = dtype };
}

/// <summary>The game of one generator against one critic: two players, the critic's turn and then the generator's.</summary>
public static class AdversarialGame
{
    /// <summary>The generator's name as a player.</summary>
    public const string Generator = "generator";

    /// <summary>The critic's name as a player.</summary>
    public const string Critic = "critic";

    /// <summary>The game of the networks.</summary>
    /// <exception cref="ArgumentException">The networks are of different spaces.</exception>
    public static Game Create(IGenerator generator, ICritic critic, AdversarialConfig config)
    {
        if (!generator.Space.Equals(critic.Space))
            throw new ArgumentException(
                $"The generator makes {string.Join(" and ", generator.Space.Components)}; the critic judges {string.Join(" and ", critic.Space.Components)}."
            );
        return new Game(
            [
                new Player(Generator, generator, config.GeneratorOptimizer) { Averaging = config.GeneratorAveraging },
                new Player(Critic, critic, config.CriticOptimizer) { Constraints = [.. config.CriticConstraints] },
            ],
            [
                Turn.Of(Critic, new CriticObjective(generator, critic, config.Loss, [.. config.Penalties])) with
                {
                    Repeats = config.CriticSteps,
                },
                Turn.Of(Generator, new GeneratorObjective(generator, critic, config.Loss, config.BatchSize)) with
                {
                    Repeats = config.GeneratorSteps,
                },
            ],
            config.Rule,
            config.Dtype
        );
    }
}

/// <summary>The critic's loss on a batch and as many generated points, and its penalties.</summary>
public sealed record CriticObjective(
    IGenerator Generator,
    ICritic Critic,
    IAdversarialLoss Loss,
    ImmutableArray<IPenalty> Penalties
) : IObjective
{
    /// <inheritdoc/>
    public bool DrawsData => true;

    /// <inheritdoc/>
    public ObjectiveResult Evaluate(ObjectiveInput input)
    {
        var batch = input.Batch!;
        var critic = input.Players[AdversarialGame.Critic];
        var latents = Generator.Latents.Draw(input.Key.Derive("latents"), batch.Sample.BatchSize, input.Dtype);
        var generator = input.Players[AdversarialGame.Generator];
        Sample fake;
        // Rules of second order also ask how the critic's gradient changes with the generator.
        using (enable_grad(generator.RequiresGradients))
            fake = Generator
                .Generate(generator, latents, batch.Condition, Mode.Train, input.Key.Derive("generator"))
                .Sample;
        var judged = CriticCalls.Both(Critic, critic, batch.Sample, fake, batch.Condition, input.Key.Derive("critic"));
        var loss = Loss.Critic(judged.Real, judged.Fake);
        var entries = new List<NamedTensor>();
        if (input.Measure)
        {
            entries.Add(new("real_logit", judged.Real.Logits.detach().mean()));
            entries.Add(new("fake_logit", judged.Fake.Logits.detach().mean()));
        }
        var function = new CriticCalls.Fixed(Critic, critic, batch.Condition, input.Key.Derive("penalised"));
        for (var i = 0; i < Penalties.Length; i++)
        {
            var penalty = Penalties[i].Evaluate(function, batch.Sample, fake, input.Key.Derive("penalty").Derive(i));
            if (input.Measure)
                entries.Add(new($"penalty/{i}_{Penalties[i].GetType().Name}", penalty.detach()));
            loss = loss + penalty;
        }
        return new ObjectiveResult(
            loss,
            ReferenceEquals(judged.Buffers, critic.Buffers) ? [] : [new(AdversarialGame.Critic, judged.Buffers)],
            input.State,
            new Measurements([.. entries])
        );
    }
}

/// <summary>The generator's loss on generated points, and on a batch where the loss compares the two.</summary>
public sealed record GeneratorObjective(IGenerator Generator, ICritic Critic, IAdversarialLoss Loss, int BatchSize)
    : IObjective
{
    /// <inheritdoc/>
    public bool DrawsData => Loss.GeneratorReadsReal;

    /// <inheritdoc/>
    public ObjectiveResult Evaluate(ObjectiveInput input)
    {
        var generator = input.Players[AdversarialGame.Generator];
        var critic = input.Players[AdversarialGame.Critic];
        var count = input.Batch?.Sample.BatchSize ?? BatchSize;
        var condition = input.Batch?.Condition;
        var latents = Generator.Latents.Draw(input.Key.Derive("latents"), count, input.Dtype);
        var generated = Generator.Generate(generator, latents, condition, Mode.Train, input.Key.Derive("generator"));
        var key = input.Key.Derive("critic");
        var fake = Critic.Judge(critic, generated.Sample, condition, Mode.Train, key).Output;
        var real = fake;
        if (input.Batch is { } batch)
            using (enable_grad(critic.RequiresGradients))
                real = Critic.Judge(critic, batch.Sample, condition, Mode.Train, key.Derive("real")).Output;
        return new ObjectiveResult(
            Loss.Generator(real, fake),
            ReferenceEquals(generated.Buffers, generator.Buffers)
                ? []
                : [new(AdversarialGame.Generator, generated.Buffers)],
            input.State,
            input.Measure ? new Measurements([new("fake_logit", fake.Logits.detach().mean())]) : Measurements.Empty
        );
    }
}
