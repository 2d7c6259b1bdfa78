namespace Gan.Core;

/// <summary>
/// WGAN-GP: Coefficient E (|grad D(u)| - target)^2 at u = e x + (1 - e) G(z), e uniform on [0, 1) and one for each pair. One-sided
/// it is WGAN-LP: Coefficient E max(0, |grad D(u)| - target)^2, which leaves smaller gradients alone.
/// </summary>
/// <remarks>
/// Gulrajani et al., 2017; one-sided, Petzka, Fischer and Lukovnikov, 2018. The norm is sqrt(sum of squares + 1e-12): NaN
/// from a bare square root at a gradient of zero is the commonest report about this penalty in other libraries.
/// </remarks>
public sealed record WassersteinGradientPenalty : Proportional, IPenalty
{
    /// <summary>With a coefficient of 10: lambda in the paper.</summary>
    public WassersteinGradientPenalty() => Coefficient = 10;

    /// <summary>The norm that the gradient is drawn to.</summary>
    public double Target
    {
        get;
        init => field = Require.NotNegative(value);
    } = 1;

    /// <summary>Whether only gradients above the target cost.</summary>
    public bool OneSided { get; init; }

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        var excess = DiscriminatorGradients.Norms(input.Discriminator, DiscriminatorGradients.Between(input)) - Target;
        return new((OneSided ? excess.relu() : excess).square().mean() * Coefficient);
    }
}
