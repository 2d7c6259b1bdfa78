namespace Gan.Core;

/// <summary>
/// The reverse Kullback-Leibler divergence KL(Q, P): f(u) = -log u, g(v) = -exp(-v), f*(t) = -1 - log(-t).
/// </summary>
/// <remarks>Nowozin, Cseke and Tomioka, 2016, table 6.</remarks>
public sealed record ReverseKullbackLeibler : FDivergence
{
    /// <inheritdoc/>
    public override double Function(double ratio) => -Math.Log(ratio);

    /// <inheritdoc/>
    public override Tensor Activation(Tensor logits) => -(-logits).exp();

    /// <inheritdoc/>
    public override Tensor Conjugate(Tensor activated) => -1 - (-activated).log();

    /// <inheritdoc/>
    public override Tensor ConjugateOfActivation(Tensor logits) => logits - 1;
}
