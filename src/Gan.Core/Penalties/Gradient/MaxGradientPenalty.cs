namespace Gan.Core;

/// <summary>
/// MaxGP: Coefficient max |grad D(u)|^2 over the batch of u = e x + (1 - e) G(z), e uniform on [0, 1), one for each pair: a
/// penalty of the Lipschitz constant itself.
/// </summary>
/// <remarks>Zhou et al., 2019.</remarks>
public sealed record MaxGradientPenalty : Proportional, IPenalty
{
    /// <summary>With a coefficient of 1: lambda in the paper.</summary>
    public MaxGradientPenalty() => Coefficient = 1;

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input) =>
        new(input.Discriminator.SquaredGradientNorms(DiscriminatorGradients.Between(input)).amax([0]) * Coefficient);
}
