namespace Gan.Core;

/// <summary>
/// The Wasserstein loss. Discriminator: E D(G(z)) - E D(x); generator: -E D(G(z)). It means something only where the discriminator is
/// held Lipschitz, by clipping or a gradient penalty.
/// </summary>
/// <remarks>Arjovsky, Chintala and Bottou, 2017.</remarks>
public sealed record Wasserstein : PointwiseLoss
{
    /// <inheritdoc/>
    public override Tensor OnReal(Tensor logits) => logits.neg();

    /// <inheritdoc/>
    public override Tensor OnFake(Tensor logits) => logits;

    /// <inheritdoc/>
    public override Tensor OnGenerated(Tensor logits) => logits.neg();
}
