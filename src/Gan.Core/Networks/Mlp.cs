namespace Gan.Core;

/// <summary>Multilayer perceptrons for any space: the sample is flattened, the hidden layers are dense.</summary>
public static class Mlp
{
    /// <summary>A generator: latents, hidden layers, and the space's head.</summary>
    public static LayeredGenerator Generator(LatentPrior latents, Space space, MlpConfig config) =>
        new(latents, config.Body(latents.Size, space.Size), space);

    /// <summary>A discriminator: the sample flattened, hidden layers, and one logit or several.</summary>
    public static LayeredDiscriminator Discriminator(Space space, MlpConfig config)
    {
        var features = config.Widths.Count == 0 ? space.Size : config.Widths[^1];
        var body = config.Head.Complete(config.Body(space.Size, config.Head.Outputs), features);
        return new LayeredDiscriminator(body, space, Flat: true) { LogitCount = config.Head.Outputs };
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
