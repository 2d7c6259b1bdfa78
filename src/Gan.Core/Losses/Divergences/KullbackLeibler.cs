namespace Gan.Core;

/// <summary>
/// The Kullback-Leibler divergence KL(P, Q): f(u) = u log u, g(v) = v, f*(t) = exp(t - 1).
/// </summary>
/// <remarks>Nowozin, Cseke and Tomioka, 2016, table 6.</remarks>
public sealed record KullbackLeibler : FDivergence
{
    /// <inheritdoc/>
    public override double Function(double ratio) => ratio * Math.Log(ratio);

    /// <inheritdoc/>
    public override Tensor Activation(Tensor logits) => logits;

    /// <inheritdoc/>
    public override Tensor Conjugate(Tensor activated) => (activated - 1).exp();
}
