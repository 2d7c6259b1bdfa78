namespace Gan.Core;

/// <summary>
/// Neyman's chi-squared divergence: f(u) = (1 - u)^2 / u, g(v) = 1 - exp(-v), f*(t) = 2 - 2 sqrt(1 - t).
/// </summary>
/// <remarks>Nowozin, Cseke and Tomioka, 2016, table 6.</remarks>
public sealed record NeymanChiSquared : FDivergence
{
    /// <inheritdoc/>
    public override double Function(double ratio) => (1 - ratio) * (1 - ratio) / ratio;

    /// <inheritdoc/>
    public override Tensor Activation(Tensor logits) => 1 - (-logits).exp();

    /// <inheritdoc/>
    public override Tensor Conjugate(Tensor activated) => 2 - (1 - activated).sqrt() * 2;

    /// <inheritdoc/>
    public override Tensor ConjugateOfActivation(Tensor logits) => 2 - (logits * -0.5).exp() * 2;
}
