namespace Gan.Core;

/// <summary>
/// BiGAN's points: pairs of a point and its latents, real ones (x, E(x)) of an encoder E, generated ones (G(z), z). The
/// discriminator judges the product of the data's components and <see cref="Latents"/>.
/// </summary>
/// <remarks>Donahue, Kraehenbuehl and Darrell, 2017; Dumoulin et al., 2017.</remarks>
public sealed record InferredPairs : ISampleSource
{
    /// <summary>The name of the latents' component in a pair.</summary>
    public const string Latents = "latents";

    /// <summary>The generator's name as a player.</summary>
    public string Generator { get; init; } = AdversarialGame.Generator;

    /// <summary>The encoder's name as a player: a network from the data, its condition, to vectors of the latents' size.</summary>
    public string Encoder { get; init; } = "encoder";

    /// <inheritdoc/>
    public bool TrainsReal => true;

    /// <inheritdoc/>
    public Space SpaceOf(Game game)
    {
        var generator = game.Network<IGenerator>(Generator);
        return Pairs(generator.Space, generator.Latents);
    }

    /// <summary>The space of pairs of points and latents.</summary>
    public static Space.Product Pairs(Space data, LatentPrior latents)
    {
        var factors = data is Space.Product product
            ? product.Factors
            : [new Space.Factor(data.Components[0].Name, data)];
        return new Space.Product([
            .. factors,
            new Space.Factor(Latents, new Space.Vector(latents.Size, ValueRange.Unbounded)),
        ]);
    }

    /// <inheritdoc/>
    public bool NeedsData(Game game) => false;

    /// <inheritdoc/>
    public bool HasLatents(Game game) => true;

    /// <inheritdoc/>
    public void Validate(Game game)
    {
        var generator = game.Network<IGenerator>(Generator);
        var encoder = game.Network<IGenerator>(Encoder);
        if (generator.Condition is not null || generator.Latents.Size == 0)
            throw new RefusedException(
                GamePart.Generator,
                $"The generator '{Generator}' of pairs makes points from latents alone; this one takes a condition or no latents."
            );
        if (
            !generator.Space.Equals(encoder.Condition)
            || encoder.Latents.Size > 0
            || encoder.Space.Size != generator.Latents.Size
        )
            throw new RefusedException(
                GamePart.Encoder,
                $"The encoder '{Encoder}' must make vectors of {generator.Latents.Size} numbers of {generator.Space.Describe()}; this one makes {encoder.Space.Describe()} of {encoder.Condition?.Describe() ?? "nothing"}."
            );
    }

    /// <inheritdoc/>
    public TurnSamples Draw(ObjectiveInput input, int count)
    {
        var (generator, encoder) = (input.Players[Generator], input.Players[Encoder]);
        var real = input.Batch?.Sample;
        var latents = generator
            .Generator.Latents.Draw(input.Key.Derive("latents"), real?.BatchSize ?? count, input.Dtype)
            .On(input.Device);
        var key = input.Key.Derive("generator");
        var generated = generator.Generate(latents, null, key);
        var inferred = real is null
            ? null
            : encoder.Generate(latents.narrow(1, 0, 0), real, input.Key.Derive("encoder"));
        return new TurnSamples(
            real is null ? null : Pair(real, inferred!.Sample.Single),
            Pair(generated.Sample, latents)
        )
        {
            Labels = input.Batch?.Labels,
            Latents = latents,
            Generator = new PairGenerator(generator, key),
            Buffers =
            [
                .. TurnBuffers.Changed(Generator, generator, generated.Buffers),
                .. inferred is null ? [] : TurnBuffers.Changed(Encoder, encoder, inferred.Buffers),
            ],
        };
    }

    static Sample Pair(Sample points, Tensor latents) => new([.. points.Components, new NamedTensor(Latents, latents)]);

    // The generated pairs as a function of the latents.
    sealed class PairGenerator(BoundNetwork generator, RandomKey key) : IGeneratorFunction
    {
        public Sample Generate(Tensor latents) =>
            Pair(new FixedGenerator(generator, null, key).Generate(latents), latents);
    }
}
