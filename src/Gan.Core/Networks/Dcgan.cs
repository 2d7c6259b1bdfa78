namespace Gan.Core;

/// <summary>A DCGAN, but for the image and the latents.</summary>
public sealed record DcganConfig
{
    /// <summary>The maps of the generator from its start, or of the discriminator from the image.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    /// <summary>What stands between a hidden layer and its activation.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>How a discriminator ends; a generator ends as its image says.</summary>
    public DiscriminatorHead Head { get; init; } = DiscriminatorHead.Single;

    /// <summary>How it is conditioned.</summary>
    public ConditionConfig Condition { get; init; } = ConditionConfig.None;
}

/// <summary>
/// Convolutional networks for images: the generator starts from a small feature map and doubles it once per channel
/// count, the discriminator halves the image likewise. Kernels of 4, strides of 2.
/// </summary>
/// <remarks>Radford, Metz and Chintala, 2016. Weights are normal with deviation 0.02, as there.</remarks>
public static class Dcgan
{
    static readonly IInitializer Narrow = new NormalInitializer();

    /// <summary>
    /// A generator: latents to channels[0] maps of the image's size over 2^n, then n = channels.Count doublings, batch
    /// normalized and rectified between.
    /// </summary>
    /// <exception cref="ArgumentException">The image's size is no multiple of 2^n.</exception>
    public static LayeredGenerator Generator(LatentPrior latents, Space.Image image, DcganConfig config)
    {
        var (channels, normalization) = (config.Channels, config.Normalization);
        var (height, width) = SmallestMap(image, channels);
        var encoder = config.Condition.Encoder(GamePart.Generator, Conditioning.Concatenate, Conditioning.Normalize);
        var within = config.Condition.By == Conditioning.Normalize ? encoder!.Size : 0;
        var inputs = latents.Size + (within > 0 ? 0 : encoder?.Size ?? 0);
        var first = new Linear(inputs, channels[0] * height * width) { Initializer = Narrow };
        List<ILayer> layers = [SpectralNorm.Where(normalization, first), new Reshape(channels[0], height, width)];
        for (var i = 0; i < channels.Count; i++)
        {
            if (within > 0)
                layers.Add(new ConditionalBatchNorm(channels[i], within));
            else
                AddNormalization(layers, normalization, channels[i], height, width);
            layers.Add(new Relu());
            var maps = i + 1 < channels.Count ? channels[i + 1] : image.Channels;
            var up = new ConvTranspose2d(channels[i], maps, 4)
            {
                Stride = 2,
                Padding = 1,
                Initializer = Narrow,
            };
            layers.Add(SpectralNorm.Where(normalization, up));
            (height, width) = (height * 2, width * 2);
        }
        return new LayeredGenerator(latents, new Sequential([.. layers]), image)
        {
            Encoder = encoder,
            ConditionsLayersAlone = within > 0,
        };
    }

    /// <summary>
    /// A discriminator: n = channels.Count halvings with leaky rectifiers of slope 0.2, normalized but for the first, and one
    /// logit or several.
    /// </summary>
    /// <exception cref="ArgumentException">The image's size is no multiple of 2^n.</exception>
    public static IDiscriminator Discriminator(Space.Image image, DcganConfig config)
    {
        var (channels, normalization) = (config.Channels, config.Normalization);
        var (smallHeight, smallWidth) = SmallestMap(image, channels);
        var (height, width) = (image.Height, image.Width);
        var layers = new List<ILayer>();
        var encoder = config.Condition.Encoder(GamePart.Discriminator, Conditioning.Concatenate, Conditioning.Project);
        var projected = config.Condition.By == Conditioning.Project;
        var inputs = image.Channels + (encoder is null || projected ? 0 : 1);
        for (var i = 0; i < channels.Count; i++)
        {
            var down = new Conv2d(inputs, channels[i], 4)
            {
                Stride = 2,
                Padding = 1,
                Initializer = Narrow,
            };
            layers.Add(SpectralNorm.Where(normalization, down));
            (height, width) = (height / 2, width / 2);
            if (i > 0)
                AddNormalization(layers, normalization, channels[i], height, width);
            layers.Add(new LeakyRelu());
            inputs = channels[i];
        }
        var features = inputs * smallHeight * smallWidth;
        layers.Add(new Flatten());
        var last = new Linear(features, config.Head.Outputs) { Initializer = Narrow };
        layers.Add(SpectralNorm.Where(normalization, last));
        var body = config.Head.Complete(new Sequential([.. layers]), features);
        var plain = new LayeredDiscriminator(body, image, Flat: false) { LogitCount = config.Head.Outputs };
        return projected
            ? new ProjectionDiscriminator(plain, encoder!, features + config.Head.Added)
            : plain with
            {
                Encoder = encoder,
            };
    }

    static (int Height, int Width) SmallestMap(Space.Image image, IReadOnlyList<int> channels)
    {
        var scale = 1 << channels.Count;
        if (channels.Count == 0 || image.Height % scale != 0 || image.Width % scale != 0)
            throw new ArgumentException(
                $"DCGAN with {channels.Count} channel counts needs images whose sides are multiples of {scale}; got {image.Height} x {image.Width}."
            );
        return (image.Height / scale, image.Width / scale);
    }

    static void AddNormalization(List<ILayer> layers, Normalization normalization, int channels, int height, int width)
    {
        if (normalization == Normalization.Batch)
            layers.Add(new BatchNorm(channels));
        if (normalization == Normalization.Layer)
            layers.Add(new LayerNorm(channels, height, width));
    }
}
