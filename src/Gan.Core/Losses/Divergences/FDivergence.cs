namespace Gan.Core;

/// <summary>
/// The variational game of an f-divergence D_f(P, Q) = E_Q f(p/q), with f convex and f(1) = 0. With the discriminator's logit v,
/// the output activation t = g(v) and the convex conjugate f*(t) = sup over u >= 0 of (u t - f(u)): discriminator E f*(g(D(G(z))))
/// - E g(D(x)), which at its least is -D_f; generator -E f*(g(D(G(z)))), or the non-saturating -E g(D(G(z))).
/// </summary>
/// <remarks>
/// Nowozin, Cseke and Tomioka, 2016. A divergence is these four functions; g grows with v, so that logits are high on
/// real points.
/// </remarks>
public abstract record FDivergence : PointwiseLoss
{
    /// <summary>Whether the generator maximizes E g(D(G(z))), as the paper advises, instead of E f*(g(D(G(z)))).</summary>
    public bool NonSaturating { get; init; }

    /// <summary>f(u), for a ratio of densities u > 0.</summary>
    public abstract double Function(double ratio);

    /// <summary>t = g(v): brings a logit into the domain of the conjugate.</summary>
    public abstract Tensor Activation(Tensor logits);

    /// <summary>f*(t), for t in the range of the activation.</summary>
    public abstract Tensor Conjugate(Tensor activated);

    /// <summary>f*(g(v)), as it is best computed.</summary>
    public virtual Tensor ConjugateOfActivation(Tensor logits) => Conjugate(Activation(logits));

    /// <inheritdoc/>
    public override Tensor OnReal(Tensor logits) => -Activation(logits);

    /// <inheritdoc/>
    public override Tensor OnFake(Tensor logits) => ConjugateOfActivation(logits);

    /// <inheritdoc/>
    public override Tensor OnGenerated(Tensor logits) =>
        -(NonSaturating ? Activation(logits) : ConjugateOfActivation(logits));
}
