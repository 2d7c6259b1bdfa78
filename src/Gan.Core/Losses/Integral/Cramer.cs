namespace Gan.Core;

/// <summary>
/// Cramér GAN: the energy distance of the discriminator's outputs h. Generator 2 E |h(x) - h(G(z))| - E |h(G(z)) - h(G(z'))|, up to
/// what it cannot change; discriminator E f(G(z)) - E f(x), with f(u) = E |h(u) - h(G(z'))| - |h(u)|. Means over G(z') are over the
/// other generated points of the batch.
/// </summary>
/// <remarks>Bellemare et al., 2017, algorithm 1, who hold the discriminator by a penalty of f's gradient; the gradient penalties
/// here are of the mean output.</remarks>
public sealed record Cramer : IAdversarialLoss
{
    /// <inheritdoc/>
    public bool RanksPoints => false;

    /// <inheritdoc/>
    public bool GeneratorReadsReal => true;

    /// <inheritdoc/>
    public Term Discriminator(LossInput input)
    {
        var (real, fake) = (input.Real.Logits, input.Fake.Logits);
        var ofReal = PairDistances.Plain(real, fake).mean() - Matrices.RowLengths(real).mean();
        var ofFake = PairDistances.MeanOfOthers(PairDistances.Plain(fake, fake)) - Matrices.RowLengths(fake).mean();
        return new(ofFake - ofReal);
    }

    /// <inheritdoc/>
    public Term Generator(LossInput input)
    {
        var (real, fake) = (input.Real.Logits, input.Fake.Logits);
        return new(
            PairDistances.Plain(real, fake).mean() * 2 - PairDistances.MeanOfOthers(PairDistances.Plain(fake, fake))
        );
    }
}
