namespace Gan.Experiments;

/// <summary>BiGAN: a generator and an encoder against a discriminator of pairs of points and latents.</summary>
public sealed record BiganSystem : ISystem
{
    /// <inheritdoc/>
    public SystemGame Create(SpecReader spec, SystemInput input)
    {
        var space = input.Data.Space;
        if (input.Data.Condition is { } unread)
            throw new RefusedException(
                GamePart.Data,
                $"the data gives {unread.Describe()}, which system bigan does not read. Leave it out of the data."
            );
        var latents = spec.Choice("latents", spec.Catalogs.Latents, "normal");
        var makeGenerator = spec.Choice("generator", spec.Catalogs.Generators);
        var makeEncoder = spec.Choice("encoder", spec.Catalogs.Generators);
        var makeDiscriminator = spec.Choice("discriminator", spec.Catalogs.Discriminators);
        var config = AdversarialKeys.Read(spec, input);
        var code = new Space.Vector(latents.Size, ValueRange.Unbounded);
        var generator = spec.Part("generator", () => makeGenerator(latents, space, null));
        var encoder = spec.Part("encoder", MakeEncoder);
        var pairs = InferredPairs.Pairs(space, latents);
        var discriminator = spec.Part("discriminator", () => makeDiscriminator(pairs, null));
        return new SystemGame(
            spec.Part("rule", () => BidirectionalGame.Create(generator, encoder, discriminator, config)),
            [new SampledGenerator(AdversarialGame.Generator, new BatchView { Sample = space })]
        );

        IGenerator MakeEncoder()
        {
            try
            {
                return makeEncoder(new LatentPrior.None(), code, space);
            }
            catch (RefusedException refused) when (refused.Part == GamePart.Generator)
            {
                throw new RefusedException(GamePart.Encoder, refused.Message);
            }
        }
    }
}
