namespace Gan.Core;

/// <summary>
/// The non-saturating logistic loss. Critic: E softplus(-D(x)) + E softplus(D(G(z))); generator: E softplus(-D(G(z))).
/// With D = logit of p this is binary cross-entropy, the generator's labels flipped.
/// </summary>
/// <remarks>Goodfellow et al., 2014, section 3.</remarks>
public sealed record NonSaturating : IAdversarialLoss
{
    /// <inheritdoc/>
    public Tensor Critic(CriticOutput real, CriticOutput fake) =>
        real.Logits.neg().softplus().mean() + fake.Logits.softplus().mean();

    /// <inheritdoc/>
    public Tensor Generator(CriticOutput real, CriticOutput fake) => fake.Logits.neg().softplus().mean();
}
