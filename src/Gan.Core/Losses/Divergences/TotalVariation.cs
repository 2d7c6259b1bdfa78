namespace Gan.Core;

/// <summary>
/// The total variation: f(u) = |u - 1| / 2, g(v) = tanh(v) / 2, f*(t) = t.
/// </summary>
/// <remarks>Nowozin, Cseke and Tomioka, 2016, table 6.</remarks>
public sealed record TotalVariation : FDivergence
{
    /// <inheritdoc/>
    public override double Function(double ratio) => Math.Abs(ratio - 1) / 2;

    /// <inheritdoc/>
    public override Tensor Activation(Tensor logits) => logits.tanh() * 0.5;

    /// <inheritdoc/>
    public override Tensor Conjugate(Tensor activated) => activated;
}
