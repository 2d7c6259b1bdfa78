namespace Gan.Core;

/// <summary>
/// The hinge loss. Critic: E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))); generator: -E D(G(z)).
/// </summary>
/// <remarks>Lim and Ye, 2017; Tran, Ranganath and Blei, 2017.</remarks>
public sealed record Hinge : IAdversarialLoss
{
    /// <inheritdoc/>
    public Tensor Critic(CriticOutput real, CriticOutput fake) =>
        (1 - real.Logits).relu().mean() + (1 + fake.Logits).relu().mean();

    /// <inheritdoc/>
    public Tensor Generator(CriticOutput real, CriticOutput fake) => fake.Logits.mean().neg();
}
