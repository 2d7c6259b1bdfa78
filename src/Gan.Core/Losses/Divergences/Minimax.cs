namespace Gan.Core;

/// <summary>
/// The saturating logistic loss: a zero-sum game on E log p(x) + E log(1 - p(G(z))) with p the sigmoid of the logit.
/// Discriminator: E softplus(-D(x)) + E softplus(D(G(z))); generator: -E softplus(D(G(z))).
/// </summary>
/// <remarks>Goodfellow et al., 2014, equation 1.</remarks>
public sealed record Minimax : PointwiseLoss
{
    /// <inheritdoc/>
    public override Tensor OnReal(Tensor logits) => logits.neg().softplus();

    /// <inheritdoc/>
    public override Tensor OnFake(Tensor logits) => logits.softplus();

    /// <inheritdoc/>
    public override Tensor OnGenerated(Tensor logits) => logits.softplus().neg();
}
