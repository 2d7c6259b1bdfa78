namespace Gan.Core;

/// <summary>Zero-centred interpolates: weight E |grad D(u)|^2 at u = e x + (1 - e) G(z), e uniform on [0, 1), one for each pair.</summary>
/// <param name="Weight">The weight, lambda in the paper.</param>
/// <remarks>Thanh-Tung, Tran and Venkatesh, 2019.</remarks>
public sealed record ZeroCentredInterpolates(double Weight) : Weighted(Weight), IPenalty
{
    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) => input.Critic.Slopes(CriticGradients.Between(input)).mean() * Weight;
}
