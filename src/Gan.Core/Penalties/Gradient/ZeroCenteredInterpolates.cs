namespace Gan.Core;

/// <summary>Zero-centered interpolates: Coefficient E |grad D(u)|^2 at u = e x + (1 - e) G(z), e uniform on [0, 1), one for each pair.</summary>
/// <remarks>Thanh-Tung, Tran and Venkatesh, 2019.</remarks>
public sealed record ZeroCenteredInterpolates : Proportional, IPenalty
{
    /// <summary>With a coefficient of 10: lambda in the paper.</summary>
    public ZeroCenteredInterpolates() => Coefficient = 10;

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input) =>
        new(input.Discriminator.SquaredGradientNorms(DiscriminatorGradients.Between(input)).mean() * Coefficient);
}
