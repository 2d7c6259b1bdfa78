namespace Gan.Experiments;

/// <summary>CycleGAN: two translators between the parts of a pair, against a discriminator of each part.</summary>
/// <param name="Cycle">The coefficient of the cycle's term.</param>
/// <param name="Identity">The coefficient of the identity's term, as a fraction of the cycle's.</param>
public sealed record CycleganSystem(double Cycle, double Identity) : ISystem
{
    /// <inheritdoc/>
    public SystemGame Create(SpecReader spec, SystemInput input)
    {
        if (input.Data.Space is not Space.Product { Factors: [var first, var second] } product)
            throw new RefusedException(
                GamePart.Data,
                $"system cyclegan needs data of two parts, as kind pair; this is {input.Data.Space.Describe()}."
            );
        var makeGenerator = spec.Choice("generator", spec.Catalogs.Generators);
        var makeDiscriminator = spec.Choice("discriminator", spec.Catalogs.Discriminators);
        var config = AdversarialKeys.Read(spec, input);
        var forward = Translator(first, second);
        var back = Translator(second, first);
        var ofFirst = spec.Part("discriminator", () => makeDiscriminator(first.Space, null));
        var ofSecond = spec.Part("discriminator", () => makeDiscriminator(second.Space, null));
        var cycle = spec.Part(
            "system",
            () =>
                new CycleConfig
                {
                    Data = product,
                    First = first.Name,
                    Second = second.Name,
                    Cycle = Cycle,
                    Identity = Identity,
                    Adversarial = config,
                }
        );
        return new SystemGame(
            spec.Part("rule", () => CycleGame.Create(forward, back, ofFirst, ofSecond, cycle)),
            [Sampled(first.Name, second.Name), Sampled(second.Name, first.Name)]
        );

        IGenerator Translator(Space.Factor source, Space.Factor target) =>
            spec.Part("generator", () => makeGenerator(new LatentPrior.None(), target.Space, source.Space));

        SampledGenerator Sampled(string source, string target) =>
            new(
                CycleGame.Translator(source, target),
                new BatchView
                {
                    Sample = product,
                    Real = target,
                    Given = source,
                }
            );
    }
}
