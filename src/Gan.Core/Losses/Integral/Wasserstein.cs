namespace Gan.Core;

/// <summary>
/// The Wasserstein loss. Critic: E D(G(z)) - E D(x); generator: -E D(G(z)). It means something only where the critic is
/// held Lipschitz, by clipping or a gradient penalty.
/// </summary>
/// <remarks>Arjovsky, Chintala and Bottou, 2017.</remarks>
public sealed record Wasserstein : IAdversarialLoss
{
    /// <inheritdoc/>
    public Tensor Critic(CriticOutput real, CriticOutput fake) => fake.Logits.mean() - real.Logits.mean();

    /// <inheritdoc/>
    public Tensor Generator(CriticOutput real, CriticOutput fake) => fake.Logits.mean().neg();
}
