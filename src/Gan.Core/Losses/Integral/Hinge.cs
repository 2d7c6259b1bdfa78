namespace Gan.Core;

/// <summary>
/// The hinge loss. Discriminator: E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))); generator: -E D(G(z)).
/// </summary>
/// <remarks>Lim and Ye, 2017; Tran, Ranganath and Blei, 2017.</remarks>
public sealed record Hinge : PointwiseLoss
{
    /// <inheritdoc/>
    public override Tensor OnReal(Tensor logits) => (1 - logits).relu();

    /// <inheritdoc/>
    public override Tensor OnFake(Tensor logits) => (1 + logits).relu();

    /// <inheritdoc/>
    public override Tensor OnGenerated(Tensor logits) => logits.neg();
}
