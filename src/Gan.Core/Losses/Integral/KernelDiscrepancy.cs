namespace Gan.Core;

/// <summary>
/// MMD GAN: the squared maximum mean discrepancy of the discriminator's outputs h under a kernel, unbiased, M = E k(h(x), h(x')) +
/// E k(h(G(z)), h(G(z'))) - 2 E k(h(x), h(G(z))), means over pairs of different points: discriminator -M, generator M.
/// </summary>
/// <remarks>
/// Li et al., 2017; Binkowski et al., 2018, who use a discriminator of 16 outputs, the rational quadratic kernel of the default
/// scales, and a penalty of the witness function's gradient; the gradient penalties here are of the mean output.
/// </remarks>
public sealed record KernelDiscrepancy : IAdversarialLoss
{
    /// <inheritdoc/>
    public bool RanksPoints => false;

    /// <summary>The kernel.</summary>
    public Kernel Kernel { get; init; } = new Kernel.RationalQuadratic(0.2, 0.5, 1, 2, 5);

    /// <inheritdoc/>
    public bool GeneratorReadsReal => true;

    /// <inheritdoc/>
    public Term Discriminator(LossInput input) => new(Squared(input).neg());

    /// <inheritdoc/>
    public Term Generator(LossInput input) => new(Squared(input));

    Tensor Squared(LossInput input)
    {
        var (real, fake) = (input.Real.Logits, input.Fake.Logits);
        return PairDistances.MeanOfOthers(Between(real, real))
            + PairDistances.MeanOfOthers(Between(fake, fake))
            - Between(real, fake).mean() * 2;
    }

    Tensor Between(Tensor a, Tensor b) => Kernel.Of(PairDistances.Squared(a, b));
}
