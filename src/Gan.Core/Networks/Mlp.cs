namespace Gan.Core;

/// <summary>Multilayer perceptrons for any space: the sample is flattened, the hidden layers are dense.</summary>
public static class Mlp
{
    /// <summary>A generator: latents, hidden layers, and the space's head.</summary>
    public static LayeredGenerator Generator(LatentPrior latents, Space space, MlpConfig config)
    {
        var encoder = config.Condition.Encoder(GamePart.Generator, Conditioning.Concatenate, Conditioning.Normalize);
        var (beside, within) = config.Condition.By switch
        {
            Conditioning.Concatenate => (encoder!.Size, 0),
            Conditioning.Normalize => (0, encoder!.Size),
            _ => (0, 0),
        };
        if (latents.Size + beside == 0)
            throw new RefusedException(
                GamePart.Generator,
                "A generator without latents makes its points of a condition, concatenated; this one has none."
            );
        return new LayeredGenerator(latents, config.Body(latents.Size + beside, space.Size, within), space)
        {
            Encoder = encoder,
            ConditionsLayersAlone = within > 0,
        };
    }

    /// <summary>A discriminator: the sample flattened, hidden layers, and one logit or several.</summary>
    public static IDiscriminator Discriminator(Space space, MlpConfig config)
    {
        var encoder = config.Condition.Encoder(GamePart.Discriminator, Conditioning.Concatenate, Conditioning.Project);
        var projected = config.Condition.By == Conditioning.Project;
        var inputs = space.Size + (projected ? 0 : encoder?.Size ?? 0);
        var features = config.Widths.Count == 0 ? inputs : config.Widths[^1];
        var body = config.Head.Complete(config.Body(inputs, config.Head.Outputs), features);
        var plain = new LayeredDiscriminator(body, space, Flat: true) { LogitCount = config.Head.Outputs };
        return projected
            ? new ProjectionDiscriminator(plain, encoder!, features + config.Head.Added)
            : plain with
            {
                Encoder = encoder,
            };
    }

    /// <summary>A discriminator of maxout layers of the widths, and one logit.</summary>
    public static LayeredDiscriminator MaxoutDiscriminator(
        Space space,
        IReadOnlyList<int> widths,
        int pieces,
        IInitializer initializer
    )
    {
        int[] sizes = [space.Size, .. widths];
        var hidden = sizes.Zip(widths, (from, to) => new Maxout(from, to, pieces) { Initializer = initializer });
        var last = new Linear(sizes[^1], 1) { Initializer = initializer };
        return new LayeredDiscriminator(new Sequential([.. hidden, last]), space, Flat: true);
    }

    /// <summary>
    /// A discriminator that reconstructs points: hidden layers and a code of <paramref name="code"/> numbers, then the same
    /// layers backwards.
    /// </summary>
    public static AutoencodingDiscriminator Autoencoder(Space space, int code, MlpConfig config) =>
        new(
            config.Body(space.Size, code),
            (config with { Widths = [.. config.Widths.Reverse()] }).Body(code, space.Size),
            space
        );
}
