namespace Gan.Core;

/// <summary>
/// Feature matching, in the generator's turn: Weight |E f(x) - E f(G(z))|^2, with f the critic's features.
/// </summary>
/// <remarks>Salimans et al., 2016, section 3.1.</remarks>
public sealed record FeatureMatching(double Weight) : Weighted(Weight), IPenalty
{
    /// <inheritdoc/>
    public CriticOutputs Reads => CriticOutputs.Features;

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input)
    {
        var real = input.RealOutput.NeedFeatures().mean([0]);
        var fake = input.FakeOutput.NeedFeatures().mean([0]);
        return (real - fake).square().sum() * Weight;
    }
}
