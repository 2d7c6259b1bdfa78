namespace Gan.Core;

/// <summary>R2: gamma/2 E |grad D(G(z))|^2 at generated points.</summary>
/// <remarks>Mescheder, Geiger and Nowozin, 2018; with R1, Huang et al., 2024.</remarks>
public sealed record R2 : ZeroCentered, IPenalty
{
    /// <inheritdoc/>
    public PenalizedPoints Differentiates(long step) => PenalizedPoints.Fake;

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input) => new(input.FakeSquaredGradientNorms.mean() * (Gamma / 2));
}
