namespace Gan.Core;

/// <summary>
/// The alpha-divergence, for alpha above 0 and not 1: f(u) = (u^a - 1 - a (u - 1)) / (a (a - 1)), f*(t) = (max(0, (a - 1) t
/// + 1)^(a/(a-1)) - 1) / a; g(v) = v for a > 1, and 1/(1 - a) - softplus(-v) below. At 1/2 it is twice the
/// squared Hellinger distance, at 2 half of Pearson's; toward 1 it is Kullback and Leibler's.
/// </summary>
/// <remarks>Nowozin, Cseke and Tomioka, 2016, table 6.</remarks>
public sealed record AlphaDivergence : FDivergence
{
    /// <summary>The order alpha.</summary>
    public double Alpha
    {
        get;
        init => field = RequireOrder(value);
    } = 0.5;

    /// <inheritdoc/>
    public override double Function(double ratio) =>
        (Math.Pow(ratio, Alpha) - 1 - Alpha * (ratio - 1)) / (Alpha * (Alpha - 1));

    /// <inheritdoc/>
    public override Tensor Activation(Tensor logits) => Alpha > 1 ? logits : 1 / (1 - Alpha) - (-logits).softplus();

    /// <inheritdoc/>
    public override Tensor Conjugate(Tensor activated) => OfBase((activated * (Alpha - 1) + 1).clamp(min: 0));

    /// <inheritdoc/>
    public override Tensor ConjugateOfActivation(Tensor logits) =>
        Alpha > 1 ? Conjugate(logits) : OfBase((-logits).softplus() * (1 - Alpha));

    Tensor OfBase(Tensor power) => (power.pow(Alpha / (Alpha - 1)) - 1) / Alpha;

    static double RequireOrder(double alpha) =>
        alpha == 1
            ? throw new ArgumentOutOfRangeException(
                nameof(alpha),
                "Alpha must not be 1: that is the Kullback-Leibler divergence."
            )
            : Require.Positive(alpha, nameof(Alpha));
}
