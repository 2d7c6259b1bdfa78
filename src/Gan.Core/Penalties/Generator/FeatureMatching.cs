namespace Gan.Core;

/// <summary>
/// Feature matching, in the generator's turn: Coefficient |E f(x) - E f(G(z))|^2, with f the discriminator's features.
/// </summary>
/// <remarks>Salimans et al., 2016, section 3.1.</remarks>
public sealed record FeatureMatching : Proportional, IPenalty
{
    /// <summary>With a coefficient of 1.</summary>
    public FeatureMatching() => Coefficient = 1;

    /// <inheritdoc/>
    public OutputParts Reads => OutputParts.Features;

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        var real = input.RealOutput.NeedFeatures().mean([0]);
        var fake = input.FakeOutput.NeedFeatures().mean([0]);
        return new((real - fake).square().sum() * Coefficient);
    }
}
