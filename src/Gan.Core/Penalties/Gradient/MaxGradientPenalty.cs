namespace Gan.Core;

/// <summary>
/// MaxGP: Coefficient max |grad D(u)|^2 over the batch of u = e x + (1 - e) G(z), e uniform on [0, 1), one for each pair: a
/// penalty of the Lipschitz constant itself.
/// </summary>
/// <param name="Coefficient">The coefficient, lambda in the paper.</param>
/// <remarks>Zhou et al., 2019.</remarks>
public sealed record MaxGradientPenalty(double Coefficient) : Proportional(Coefficient), IPenalty
{
    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) =>
        input.Discriminator.SquaredGradientNorms(DiscriminatorGradients.Between(input)).amax([0]) * Coefficient;
}
