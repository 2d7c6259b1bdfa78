namespace Gan.Core;

/// <summary>
/// The squared Hellinger distance: f(u) = (sqrt u - 1)^2, g(v) = 1 - exp(-v), f*(t) = t / (1 - t).
/// </summary>
/// <remarks>Nowozin, Cseke and Tomioka, 2016, table 6.</remarks>
public sealed record SquaredHellinger : FDivergence
{
    /// <inheritdoc/>
    public override double Function(double ratio) => Math.Pow(Math.Sqrt(ratio) - 1, 2);

    /// <inheritdoc/>
    public override Tensor Activation(Tensor logits) => 1 - (-logits).exp();

    /// <inheritdoc/>
    public override Tensor Conjugate(Tensor activated) => activated / (1 - activated);

    /// <inheritdoc/>
    public override Tensor ConjugateOfActivation(Tensor logits) => logits.exp() - 1;
}
