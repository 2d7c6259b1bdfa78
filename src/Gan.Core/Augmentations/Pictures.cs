namespace Gan.Core;

/// <summary>
/// Changes of pictures [batch, channels, height, width], each point its own. Those of place are products with one matrix
/// an axis, and so are differentiable to any order and give the same bits on any thread count.
/// </summary>
internal static class Pictures
{
    /// <summary>Throws for a space that is not of images.</summary>
    public static void Validate(Space space, string what)
    {
        if (space is not Space.Image)
            throw new ArgumentException(
                $"{what} changes images; the data is {string.Join(" and ", space.Components)}. Take instance noise."
            );
    }

    /// <summary>[batch, 1, 1, 1]: one number a point, uniform on [low, high).</summary>
    public static Tensor Uniform(Tensor like, RandomKey key, double low, double high) =>
        (key.Uniform(like.dtype, (int)like.size(0), 1, 1, 1) * (high - low) + low).On(like.device);

    /// <summary>[batch, 1, 1, 1]: one number a point, standard normal.</summary>
    public static Tensor Normal(Tensor like, RandomKey key) =>
        key.Normal(like.dtype, (int)like.size(0), 1, 1, 1).On(like.device);

    /// <summary>The picture's colors away from their mean of each pixel by a factor.</summary>
    public static Tensor Saturate(Tensor picture, Tensor factor) => Stretch(picture, factor, [1]);

    /// <summary>The picture away from its mean by a factor.</summary>
    public static Tensor Contrast(Tensor picture, Tensor factor) => Stretch(picture, factor, [1, 2, 3]);

    /// <summary>
    /// The picture resampled: along each axis, pixel i of the new one is the old one's at center + scale (i - center) - shift,
    /// linear between pixels and background outside. Scales and shifts are [batch, 1, 1, 1], shifts in pixels.
    /// </summary>
    public static Tensor Resample(Tensor picture, Axis vertical, Axis horizontal, double background) =>
        einsum(
            "bih,bchw,bjw->bcij",
            Weights(picture.size(2), vertical),
            picture - background,
            Weights(picture.size(3), horizontal)
        ) + background;

    /// <summary>How an axis is resampled.</summary>
    public sealed record Axis(Tensor Scale, Tensor Shift);

    /// <summary>A mask of ones with a square of zeros of a fraction of each side, its center anywhere.</summary>
    public static Tensor Cutout(Tensor picture, double fraction, RandomKey key)
    {
        var vertical = Outside(picture, 2, fraction, key.Derive("vertical"));
        var horizontal = Outside(picture, 3, fraction, key.Derive("horizontal"));
        return 1 - (1 - vertical) * (1 - horizontal);
    }

    static Tensor Stretch(Tensor picture, Tensor factor, long[] over)
    {
        var mean = picture.mean(over, keepdim: true);
        return mean + (picture - mean) * factor;
    }

    // [batch, new, old]: the hat function of the distance between where a new pixel looks and an old one is.
    static Tensor Weights(long size, Axis axis)
    {
        var pixels = arange(size, axis.Scale.dtype, axis.Scale.device);
        var center = (size - 1) / 2.0;
        var looksAt = (pixels.view(1, 1, size, 1) - center) * axis.Scale + center - axis.Shift;
        return (1 - (looksAt - pixels.view(1, 1, 1, size)).abs()).relu().squeeze(1);
    }

    // Ones where a pixel is further than half the fraction of the side from the square's center.
    static Tensor Outside(Tensor picture, int dimension, double fraction, RandomKey key)
    {
        var size = picture.size(dimension);
        var shape = dimension == 2 ? new long[] { 1, 1, size, 1 } : [1, 1, 1, size];
        // Between pixels, at any of the size + 1 places.
        var center = (Uniform(picture, key, 0, 1) * (size + 1) - 0.5).round();
        var distance = (arange(size, picture.dtype, picture.device).view(shape) + 0.5 - center).abs();
        return distance.ge(fraction * size / 2).to_type(picture.dtype);
    }
}
