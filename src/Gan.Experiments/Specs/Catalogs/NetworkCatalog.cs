namespace Gan.Experiments;

/// <summary>The networks that specs may name.</summary>
public static class NetworkCatalog
{
    /// <summary>Activations of hidden layers.</summary>
    public static Catalog<ILayer> Activations { get; } =
        new(
            "activations",
            [
                new("relu", "max(x, 0)", "", _ => new Relu()),
                new("leaky_relu", "x or slope x", "", spec => new LeakyRelu(spec.Number("slope", 0.2))),
                new("elu", "x or e^x - 1", "", _ => new Elu()),
                new("silu", "x sigmoid(x)", "", _ => new Silu()),
                new("gelu", "x Phi(x)", "", _ => new Gelu()),
                new("tanh", "tanh(x)", "", _ => new Tanh()),
                new("softplus", "log(1 + e^x)", "", _ => new Softplus()),
            ]
        );

    /// <summary>Generators.</summary>
    public static Catalog<GeneratorFactory> Generators { get; } =
        new(
            "generators",
            [
                new(
                    "mlp",
                    "dense layers of the widths, for any space",
                    "Goodfellow et al. 2014",
                    spec =>
                    {
                        var widths = spec.Integers("widths", [256, 512, 1024]);
                        var activation = spec.Choice("activation", Activations, "relu");
                        var normalization = spec.Name("normalization", Normalization.None);
                        return (latents, space) => Mlp.Generator(latents, space, widths, activation, normalization);
                    }
                ),
                new(
                    "dcgan",
                    "a small feature map, doubled once per channel count; for images",
                    "Radford et al. 2016",
                    spec =>
                    {
                        var channels = spec.Integers("channels", [128, 64]);
                        var normalization = spec.Name("normalization", Normalization.Batch);
                        return (latents, space) =>
                            Dcgan.Generator(latents, RequireImage(space), channels, normalization);
                    }
                ),
            ]
        );

    /// <summary>Critics.</summary>
    public static Catalog<CriticFactory> Critics { get; } =
        new(
            "critics",
            [
                new(
                    "mlp",
                    "the sample flattened, dense layers of the widths, for any space",
                    "Goodfellow et al. 2014",
                    spec =>
                    {
                        var widths = spec.Integers("widths", [1024, 512, 256]);
                        var activation = spec.Choice("activation", Activations, "leaky_relu");
                        var normalization = spec.Name("normalization", Normalization.None);
                        return space => Mlp.Critic(space, widths, activation, normalization);
                    }
                ),
                new(
                    "dcgan",
                    "the image halved once per channel count; for images",
                    "Radford et al. 2016",
                    spec =>
                    {
                        var channels = spec.Integers("channels", [64, 128]);
                        var normalization = spec.Name("normalization", Normalization.None);
                        return space => Dcgan.Critic(RequireImage(space), channels, normalization);
                    }
                ),
            ]
        );

    static Space.Image RequireImage(Space space) =>
        space as Space.Image
        ?? throw new ArgumentException(
            $"dcgan is for images; the data is {string.Join(" and ", space.Components)}. Use mlp."
        );
}
