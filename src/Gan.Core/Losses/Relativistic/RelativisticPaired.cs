namespace Gan.Core;

/// <summary>
/// The relativistic paired loss: real and generated points are compared pair by pair. Discriminator: E c(D(x) - D(G(z)));
/// generator: E c(D(G(z)) - D(x)), its non-saturating form; c is the logistic cost where no other is named.
/// </summary>
/// <remarks>Jolicoeur-Martineau, 2018; with R1 and R2 it is the loss of R3GAN (Huang et al., 2024).</remarks>
public sealed record RelativisticPaired : IAdversarialLoss
{
    /// <summary>The cost c of a margin.</summary>
    public Comparison Comparison { get; init; } = Comparison.Logistic;

    /// <inheritdoc/>
    public bool GeneratorReadsReal => true;

    /// <inheritdoc/>
    public Term Discriminator(LossInput input) => new(Comparison.Cost(input.Real.Logits - input.Fake.Logits).mean());

    /// <inheritdoc/>
    public Term Generator(LossInput input) => new(Comparison.Cost(input.Fake.Logits - input.Real.Logits).mean());
}
