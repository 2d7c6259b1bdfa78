namespace Gan.Core;

/// <summary>The real and the generated points of a turn.</summary>
/// <param name="Real">Real points; null in a turn that draws no data.</param>
/// <param name="Fake">Generated points.</param>
public sealed record TurnSamples(Sample? Real, Sample Fake)
{
    /// <summary>What the points are conditioned on; null for nothing.</summary>
    public Sample? Condition { get; init; }

    /// <summary>[batch] int64: the classes of the real points; null where the data has none.</summary>
    public Tensor? Labels { get; init; }

    /// <summary>[batch, latents]: what the generated points were made from.</summary>
    public required Tensor Latents { get; init; }

    /// <summary>The generator of the generated points, with its weights, as a function of latents.</summary>
    public required IGeneratorFunction Generator { get; init; }

    /// <summary>The buffers of the networks that made the points, after the call, by player.</summary>
    public required IReadOnlyList<NamedTree> Buffers { get; init; }
}

/// <summary>Draws the real and the generated points that a discriminator compares.</summary>
public interface ISampleSource
{
    /// <summary>The space of the points, which is the discriminator's.</summary>
    Space SpaceOf(Game game);

    /// <summary>What the discriminator's points are conditioned on; null for nothing.</summary>
    Space? ConditionOf(Game game) => null;

    /// <summary>True where real points are a function of weights too, so that training moves them.</summary>
    bool TrainsReal => false;

    /// <summary>True where generated points cannot be made without a batch of data.</summary>
    bool NeedsData(Game game);

    /// <summary>True where generated points are made from latents.</summary>
    bool HasLatents(Game game);

    /// <summary>Throws for a game without the players, or with networks that do not fit.</summary>
    void Validate(Game game);

    /// <summary>The points of a turn: as many as its batch has, or <paramref name="count"/> where it draws none.</summary>
    TurnSamples Draw(ObjectiveInput input, int count);
}

/// <summary>Points of the data, and as many of a generator's.</summary>
public sealed record GeneratedSamples : ISampleSource
{
    /// <summary>The generator's name as a player.</summary>
    public string Generator { get; init; } = AdversarialGame.Generator;

    /// <summary>What of a batch is real, and what the generator is conditioned on.</summary>
    public required BatchView Data { get; init; }

    /// <inheritdoc/>
    public Space SpaceOf(Game game) => Data.RealSpace;

    /// <inheritdoc/>
    public Space? ConditionOf(Game game) => Data.GivenSpace;

    /// <inheritdoc/>
    public bool NeedsData(Game game) => game.Network<IGenerator>(Generator).Condition is not null;

    /// <inheritdoc/>
    public bool HasLatents(Game game) => game.Network<IGenerator>(Generator).Latents.Size > 0;

    /// <inheritdoc/>
    public void Validate(Game game)
    {
        var generator = game.Network<IGenerator>(Generator);
        if (!generator.Space.Equals(Data.RealSpace))
            throw new RefusedException(
                GamePart.Generator,
                $"The generator '{Generator}' makes {generator.Space.Describe()}; the data is {Data.RealSpace.Describe()}."
            );
        Data.RequireCondition(generator, Generator, GamePart.Generator);
    }

    /// <inheritdoc/>
    public TurnSamples Draw(ObjectiveInput input, int count)
    {
        var generator = input.Players[Generator];
        var batch = input.Batch;
        var real = batch is null ? null : Data.RealOf(batch);
        var condition = batch is null ? null : Data.GivenOf(batch);
        var latents = generator
            .Generator.Latents.Draw(input.Key.Derive("latents"), real?.BatchSize ?? count, input.Dtype)
            .On(input.Device);
        var key = input.Key.Derive("generator");
        var generated = generator.Generate(latents, condition, key);
        return new TurnSamples(real, generated.Sample)
        {
            Condition = condition,
            Labels = batch?.Labels,
            Latents = latents,
            Generator = new FixedGenerator(generator, condition, key),
            Buffers = TurnBuffers.Changed(Generator, generator, generated.Buffers),
        };
    }
}

/// <summary>A generator at the weights and buffers of a turn.</summary>
internal sealed class FixedGenerator(BoundNetwork network, Sample? condition, RandomKey key) : IGeneratorFunction
{
    public Sample Generate(Tensor latents) =>
        network.Generator.Generate(network.State, latents, network.Given(condition), Mode.Train, key).Sample;
}

/// <summary>Buffers that a call changed.</summary>
internal static class TurnBuffers
{
    public static IReadOnlyList<NamedTree> Changed(string player, BoundNetwork before, ParameterTree after) =>
        ReferenceEquals(after, before.State.Buffers) ? [] : [new(player, after)];
}
