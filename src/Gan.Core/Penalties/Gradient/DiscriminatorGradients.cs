namespace Gan.Core;

/// <summary>The discriminator's gradient at points, which gradient penalties are made of.</summary>
internal static class DiscriminatorGradients
{
    /// <summary>Points between real and generated ones, e x + (1 - e) G(z) with e uniform on [0, 1), one for each pair.</summary>
    public static Sample Between(PenaltyInput input) => Between(input.Real, input.Fake, input.Key);

    /// <summary>The same of two given samples.</summary>
    public static Sample Between(Sample real, Sample fake, RandomKey key)
    {
        var batch = real.BatchSize;
        var first = real.Components[0].Tensor;
        var e = key.Uniform(first.dtype, batch).On(first.device);
        return real.Zip(fake, (x, g) => g + e.view([batch, .. Enumerable.Repeat(1L, (int)x.ndim - 1)]) * (x - g));
    }

    /// <summary>
    /// [batch]: the norms of the gradients, sqrt(sum of squares + 1e-12): where a gradient vanishes, the slope of a bare
    /// square root is infinite and the weights become NaN.
    /// </summary>
    public static Tensor Norms(IDiscriminatorFunction discriminator, Sample points) =>
        (discriminator.SquaredGradientNorms(points) + 1e-12).sqrt();
}
