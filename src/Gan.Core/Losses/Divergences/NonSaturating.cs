namespace Gan.Core;

/// <summary>
/// The non-saturating logistic loss. Discriminator: E softplus(-D(x)) + E softplus(D(G(z))); generator: E softplus(-D(G(z))).
/// With D = logit of p this is binary cross-entropy, the generator's labels flipped.
/// </summary>
/// <remarks>Goodfellow et al., 2014, section 3.</remarks>
public sealed record NonSaturating : PointwiseLoss
{
    /// <inheritdoc/>
    public override Tensor OnReal(Tensor logits) => logits.neg().softplus();

    /// <inheritdoc/>
    public override Tensor OnFake(Tensor logits) => logits.softplus();

    /// <inheritdoc/>
    public override Tensor OnGenerated(Tensor logits) => logits.neg().softplus();
}
