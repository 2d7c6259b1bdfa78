namespace Gan.Experiments;

/// <summary>The networks that specs may name.</summary>
public static class NetworkCatalog
{
    /// <summary>Layers that may follow a hidden layer: its activation.</summary>
    public static Catalog<ILayer> Layers { get; } =
        new(
            "layers",
            new("relu", "max(x, 0)", _ => new Relu()),
            new("leaky_relu", "x or slope x", spec => new LeakyRelu { Slope = spec.Number("slope", 0.2) }),
            new("elu", "x or e^x - 1", _ => new Elu()),
            new("silu", "x sigmoid(x)", _ => new Silu()),
            new("gelu", "x Phi(x)", _ => new Gelu()),
            new("tanh", "tanh(x)", _ => new Tanh()),
            new("softplus", "log(1 + e^x)", _ => new Softplus())
        );

    /// <summary>Generators.</summary>
    public static Catalog<GeneratorFactory> Generators { get; } =
        new(
            "generators",
            new(
                "mlp",
                "dense layers of the widths, for any space",
                "Goodfellow et al. 2014",
                spec =>
                {
                    var config = Dense(spec, [256, 512, 1024], "relu");
                    var conditioned = Condition(spec);
                    return (latents, space, given) =>
                        Mlp.Generator(latents, space, config with { Condition = conditioned(given) });
                }
            ),
            new(
                "dcgan",
                "a small feature map, doubled once per channel count; for images",
                "Radford et al. 2016",
                spec =>
                {
                    var config = Convolutional(spec, [128, 64], Normalization.Batch);
                    var conditioned = Condition(spec);
                    return (latents, space, given) =>
                        Dcgan.Generator(latents, RequireImage(space), config with { Condition = conditioned(given) });
                }
            )
        );

    /// <summary>Discriminators.</summary>
    public static Catalog<DiscriminatorFactory> Discriminators { get; } =
        new(
            "discriminators",
            new(
                "mlp",
                "the sample flattened, dense layers of the widths, for any space",
                "Goodfellow et al. 2014",
                spec =>
                {
                    var config = Dense(spec, [1024, 512, 256], "leaky_relu") with { Head = Head(spec) };
                    var conditioned = Condition(spec);
                    return (space, given) => Mlp.Discriminator(space, config with { Condition = conditioned(given) });
                }
            ),
            new(
                "maxout",
                "the sample flattened, the largest of pieces linear functions for each unit of the widths",
                "Goodfellow et al. 2013",
                spec =>
                {
                    var widths = spec.Integers("widths", [200, 200, 200]);
                    var pieces = spec.Integer("pieces", 5, most: 1000);
                    var initializer = Initializer(spec);
                    return Unconditional(space => Mlp.MaxoutDiscriminator(space, widths, pieces, initializer));
                }
            ),
            new(
                "autoencoder",
                "the sample flattened, dense layers of the widths to a code and back; the logit is -mean squared error",
                "Zhao et al. 2017",
                spec =>
                {
                    var config = Dense(spec, [512, 256], "leaky_relu");
                    var code = spec.Integer("code", 32, most: 1_000_000);
                    return Unconditional(space => Mlp.Autoencoder(space, code, config));
                }
            ),
            new(
                "dcgan",
                "the image halved once per channel count; for images",
                "Radford et al. 2016",
                spec =>
                {
                    var config = Convolutional(spec, [64, 128], Normalization.None) with { Head = Head(spec) };
                    var conditioned = Condition(spec);
                    return (space, given) =>
                        Dcgan.Discriminator(RequireImage(space), config with { Condition = conditioned(given) });
                }
            ),
            new(
                "packed",
                "PacGAN: an inner discriminator of packs of points, side by side",
                "Lin et al. 2018",
                spec =>
                {
                    var pack = spec.Integer("pack", 2, most: 1000);
                    var inner = spec.Choice("inner", spec.Catalogs.Discriminators, "mlp");
                    return Unconditional(space => new PackedDiscriminator(pack, space, packs => inner(packs, null)));
                }
            ),
            new(
                "gradient_normalized",
                "D(x) / (|grad D(x)| + |D(x)|) of an inner discriminator",
                "Wu et al. 2021",
                spec =>
                {
                    var inner = spec.Choice("inner", spec.Catalogs.Discriminators, "mlp");
                    return (space, given) => new GradientNormalizedDiscriminator(inner(space, given));
                }
            )
        );

    static MlpConfig Dense(SpecReader spec, IReadOnlyList<int> widths, string activation) =>
        new()
        {
            Widths = spec.Integers("widths", widths),
            Activation = spec.Choice("activation", spec.Catalogs.Layers, activation),
            Normalization = spec.Name("normalization", Normalization.None),
            Initializer = Initializer(spec),
        };

    static DcganConfig Convolutional(SpecReader spec, IReadOnlyList<int> channels, Normalization normalization) =>
        new()
        {
            Channels = spec.Integers("channels", channels),
            Normalization = spec.Name("normalization", normalization),
        };

    // What a network is conditioned on is known when it is made; 'auto' takes what there is.
    static Func<Space?, ConditionConfig> Condition(SpecReader spec)
    {
        const string auto = "auto";
        var by = spec.Name("condition", auto, [auto, .. Enum.GetNames<Conditioning>()]);
        var embedding = spec.Integer("embedding", 32, most: 100_000);
        return given => new ConditionConfig
        {
            By =
                by != auto ? Enum.Parse<Conditioning>(by, ignoreCase: true)
                : given is null ? Conditioning.None
                : Conditioning.Concatenate,
            Space = given,
            Embedding = embedding,
        };
    }

    static DiscriminatorFactory Unconditional(Func<Space, IDiscriminator> make) => (space, _) => make(space);

    static DiscriminatorHead Head(SpecReader spec) =>
        new()
        {
            Outputs = spec.Integer("outputs", 1, most: 10_000),
            Minibatch = spec.Name("minibatch", Minibatch.None),
        };

    // A deviation for normal weights; 0 for PyTorch's, uniform by the number of inputs.
    static IInitializer Initializer(SpecReader spec)
    {
        var deviation = Require.NotNegative(spec.Number("initial_deviation", 0), "initial_deviation");
        return deviation == 0 ? new FanInUniform() : new NormalInitializer { Deviation = deviation };
    }

    static Space.Image RequireImage(Space space) =>
        space as Space.Image
        ?? throw new ArgumentException($"dcgan is for images; the data is {space.Describe()}. Use mlp.");
}
