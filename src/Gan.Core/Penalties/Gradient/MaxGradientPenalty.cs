namespace Gan.Core;

/// <summary>
/// MaxGP: weight max |grad D(u)|^2 over the batch of u = e x + (1 - e) G(z), e uniform on [0, 1), one for each pair: a
/// penalty of the Lipschitz constant itself.
/// </summary>
/// <remarks>Zhou et al., 2019.</remarks>
public sealed record MaxGradientPenalty(double Weight) : IPenalty
{
    /// <summary>The weight, lambda in the paper.</summary>
    public double Weight
    {
        get;
        init => field = Require.NotNegative(value);
    } = Require.NotNegative(Weight);

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) =>
        input.Critic.Slopes(CriticGradients.Between(input)).amax([0]) * Weight;
}
