namespace Gan.Core;

/// <summary>
/// Least squares: discriminator 1/2 E (D(x) - b)^2 + 1/2 E (D(G(z)) - a)^2, generator 1/2 E (D(G(z)) - c)^2. The defaults are
/// the paper's 0-1 coding (a = 0, b = c = 1); a = -1, b = 1, c = 0 gives the Pearson chi-squared divergence.
/// </summary>
/// <remarks>Mao et al., 2017.</remarks>
public sealed record LeastSquares : PointwiseLoss
{
    /// <summary>a: the discriminator's aim on generated points.</summary>
    public double FakeTarget { get; init; } = 0;

    /// <summary>b: the discriminator's aim on real points.</summary>
    public double RealTarget { get; init; } = 1;

    /// <summary>c: where the generator wants its points.</summary>
    public double GeneratorTarget { get; init; } = 1;

    /// <inheritdoc/>
    public override Tensor OnReal(Tensor logits) => (logits - RealTarget).square() * 0.5;

    /// <inheritdoc/>
    public override Tensor OnFake(Tensor logits) => (logits - FakeTarget).square() * 0.5;

    /// <inheritdoc/>
    public override Tensor OnGenerated(Tensor logits) => (logits - GeneratorTarget).square() * 0.5;
}
