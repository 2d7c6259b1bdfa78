namespace Gan.Core;

/// <summary>R1: gamma/2 E |grad D(x)|^2 at real points, the gradient with respect to the point, over all its components.</summary>
/// <remarks>Mescheder, Geiger and Nowozin, 2018.</remarks>
public sealed record R1 : ZeroCentered, IPenalty
{
    /// <inheritdoc/>
    public PenalizedPoints Differentiates(long step) => PenalizedPoints.Real;

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input) => new(input.RealSquaredGradientNorms.mean() * (Gamma / 2));
}
