namespace Gan.Core;

/// <summary>
/// The relativistic paired loss with the logistic function: real and generated points are compared pair by pair.
/// Critic: E softplus(D(G(z)) - D(x)); generator: E softplus(D(x) - D(G(z))), its non-saturating form.
/// </summary>
/// <remarks>Jolicoeur-Martineau, 2018; with R1 and R2 it is the loss of R3GAN (Huang et al., 2024).</remarks>
public sealed record RelativisticPaired : IAdversarialLoss
{
    /// <inheritdoc/>
    public bool GeneratorReadsReal => true;

    /// <inheritdoc/>
    public Tensor Critic(CriticOutput real, CriticOutput fake) => (fake.Logits - real.Logits).softplus().mean();

    /// <inheritdoc/>
    public Tensor Generator(CriticOutput real, CriticOutput fake) => (real.Logits - fake.Logits).softplus().mean();
}
