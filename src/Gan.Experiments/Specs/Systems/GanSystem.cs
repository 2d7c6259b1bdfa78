namespace Gan.Experiments;

/// <summary>One generator against one discriminator; conditional, both also read the data's condition.</summary>
/// <param name="Conditional">Whether the networks are conditioned.</param>
public sealed record GanSystem(bool Conditional) : ISystem
{
    /// <inheritdoc/>
    public SystemGame Create(SpecReader spec, SystemInput input)
    {
        var (data, space) = (input.Data, input.Data.Space);
        if (Conditional && data.Condition is null)
            throw new RefusedException(
                GamePart.Data,
                "system conditional_gan needs data with a condition: labels: true, or for glyphs captions or skeletons."
            );
        var latents = spec.Choice("latents", spec.Catalogs.Latents, "normal");
        var makeGenerator = spec.Choice("generator", spec.Catalogs.Generators);
        var makeDiscriminator = spec.Choice("discriminator", spec.Catalogs.Discriminators);
        var config = AdversarialKeys.Read(spec, input);
        if (!Conditional && data.Condition is { } unread && !config.Loss.ReadsLabels)
            throw new RefusedException(
                GamePart.Data,
                $"the data gives {unread.Describe()}, which nothing reads. Use system: conditional_gan, or leave it out of the data."
            );
        var given = Conditional ? data.Condition : null;
        var generator = spec.Part("generator", () => makeGenerator(latents, space, given));
        var discriminator = spec.Part("discriminator", () => makeDiscriminator(space, given));
        if (Conditional)
        {
            RequireCondition(generator, GamePart.Generator);
            RequireCondition(discriminator, GamePart.Discriminator);
        }
        var view = new BatchView { Sample = space, Condition = data.Condition };
        return new SystemGame(
            spec.Part("rule", () => AdversarialGame.Create(generator, discriminator, config)),
            [new SampledGenerator(AdversarialGame.Generator, view)]
        );
    }

    static void RequireCondition(INetwork network, GamePart part)
    {
        if (network.Condition is null)
            throw new RefusedException(
                part,
                "it takes no condition, which system conditional_gan gives to both networks. Use mlp or dcgan, with condition: concatenate, normalize or project, or system: gan."
            );
    }
}
