namespace Gan.Core;

/// <summary>Zero-centered interpolates: Coefficient E |grad D(u)|^2 at u = e x + (1 - e) G(z), e uniform on [0, 1), one for each pair.</summary>
/// <param name="Coefficient">The coefficient, lambda in the paper.</param>
/// <remarks>Thanh-Tung, Tran and Venkatesh, 2019.</remarks>
public sealed record ZeroCenteredInterpolates(double Coefficient) : Proportional(Coefficient), IPenalty
{
    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) => input.Discriminator.SquaredGradientNorms(DiscriminatorGradients.Between(input)).mean() * Coefficient;
}
