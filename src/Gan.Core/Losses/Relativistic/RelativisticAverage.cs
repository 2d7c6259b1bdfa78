namespace Gan.Core;

/// <summary>
/// The relativistic average loss: each point is compared with the mean of the other kind. Discriminator: E c(D(x) - E D(G(z))) +
/// E c(E D(x) - D(G(z))); generator: the same with the kinds exchanged. c is the logistic cost where no other is named.
/// </summary>
/// <remarks>Jolicoeur-Martineau, 2018: RaGAN, RaLSGAN and RaHingeGAN.</remarks>
public sealed record RelativisticAverage : IAdversarialLoss
{
    /// <summary>The cost c of a margin.</summary>
    public Comparison Comparison { get; init; } = Comparison.Logistic;

    /// <inheritdoc/>
    public bool GeneratorReadsReal => true;

    /// <inheritdoc/>
    public Term Discriminator(LossInput input) => new(Above(input.Real.Logits, input.Fake.Logits));

    /// <inheritdoc/>
    public Term Generator(LossInput input) => new(Above(input.Fake.Logits, input.Real.Logits));

    Tensor Above(Tensor high, Tensor low) =>
        Comparison.Cost(high - low.mean()).mean() + Comparison.Cost(high.mean() - low).mean();
}
