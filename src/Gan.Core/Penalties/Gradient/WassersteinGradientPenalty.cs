namespace Gan.Core;

/// <summary>
/// WGAN-GP: weight E (|grad D(u)| - target)^2 at u = e x + (1 - e) G(z), e uniform on [0, 1) and one for each pair.
/// </summary>
/// <remarks>
/// Gulrajani et al., 2017. The norm is sqrt(sum of squares + 1e-12): where the gradient vanishes, the slope of a bare
/// square root is infinite and the weights become NaN, the commonest report about this penalty in other libraries.
/// </remarks>
public sealed record WassersteinGradientPenalty(double Weight) : IPenalty
{
    /// <summary>The weight, lambda in the paper.</summary>
    public double Weight
    {
        get;
        init => field = Require.NotNegative(value);
    } = Require.NotNegative(Weight);

    /// <summary>The norm that the gradient is drawn to.</summary>
    public double Target
    {
        get;
        init => field = Require.NotNegative(value);
    } = 1;

    /// <inheritdoc/>
    public Tensor Evaluate(ICriticFunction critic, Sample real, Sample fake, RandomKey key)
    {
        var batch = real.BatchSize;
        var first = real.Components[0].Tensor;
        var share = key.Uniform(first.dtype, batch).to(first.device);
        var between = real.Zip(
            fake,
            (x, g) =>
            {
                var e = share.view([batch, .. Enumerable.Repeat(1L, (int)x.ndim - 1)]);
                return g + e * (x - g);
            }
        );
        var norms = (CriticGradients.SquaredNorms(critic, between) + 1e-12).sqrt();
        return (norms - Target).square().mean() * Weight;
    }
}
