namespace Gan.Core;

/// <summary>
/// The Jensen-Shannon divergence, twice: f(u) = u log u - (u + 1) log((u + 1)/2), g(v) = log 2 - softplus(-v),
/// f*(t) = -log(2 - exp(t)). It is the minimax game, shifted by 2 log 2.
/// </summary>
/// <remarks>Nowozin, Cseke and Tomioka, 2016, table 6.</remarks>
public sealed record JensenShannon : FDivergence
{
    /// <inheritdoc/>
    public override double Function(double ratio) => ratio * Math.Log(ratio) - (ratio + 1) * Math.Log((ratio + 1) / 2);

    /// <inheritdoc/>
    public override Tensor Activation(Tensor logits) => Math.Log(2) - (-logits).softplus();

    /// <inheritdoc/>
    public override Tensor Conjugate(Tensor activated) => -(2 - activated.exp()).log();

    /// <inheritdoc/>
    public override Tensor ConjugateOfActivation(Tensor logits) => logits.softplus() - Math.Log(2);
}
