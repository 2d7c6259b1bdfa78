namespace Gan.Core;

/// <summary>
/// MaxGP: weight max |grad D(u)|^2 over the batch of u = e x + (1 - e) G(z), e uniform on [0, 1), one for each pair: a
/// penalty of the Lipschitz constant itself.
/// </summary>
/// <param name="Weight">The weight, lambda in the paper.</param>
/// <remarks>Zhou et al., 2019.</remarks>
public sealed record MaxGradientPenalty(double Weight) : Weighted(Weight), IPenalty
{
    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) =>
        input.Critic.Slopes(CriticGradients.Between(input)).amax([0]) * Weight;
}
