namespace Gan.Core;

/// <summary>
/// Pearson's chi-squared divergence: f(u) = (u - 1)^2, g(v) = v, f*(t) = t^2/4 + t, and -1 below t = -2, where no ratio
/// of densities is negative.
/// </summary>
/// <remarks>Nowozin, Cseke and Tomioka, 2016, table 6.</remarks>
public sealed record PearsonChiSquared : FDivergence
{
    static Tensor Quadratic(Tensor t) => t.square() * 0.25 + t;

    /// <inheritdoc/>
    public override double Function(double ratio) => (ratio - 1) * (ratio - 1);

    /// <inheritdoc/>
    public override Tensor Activation(Tensor logits) => logits;

    /// <inheritdoc/>
    public override Tensor Conjugate(Tensor activated) => Quadratic(activated.clamp(min: -2));
}
