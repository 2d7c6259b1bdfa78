namespace Gan.Core;

/// <summary>WGAN-div: Coefficient E |grad D(u)|^power at u = e x + (1 - e) G(z), e uniform on [0, 1), one for each pair.</summary>
/// <remarks>Wu et al., 2018, whose best values are weight 2 and power 6; an even power has no root at zero.</remarks>
public sealed record WassersteinDivergencePenalty : Proportional, IPenalty
{
    /// <summary>With a coefficient of 2: k in the paper.</summary>
    public WassersteinDivergencePenalty() => Coefficient = 2;

    /// <summary>The power, p in the paper: even.</summary>
    public int Power
    {
        get;
        init =>
            field =
                value >= 2 && value % 2 == 0
                    ? value
                    : throw new ArgumentOutOfRangeException(
                        nameof(Power),
                        $"Power must be an even number of at least 2; got {value}."
                    );
    } = 6;

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input) =>
        new(
            input.Discriminator.SquaredGradientNorms(DiscriminatorGradients.Between(input)).pow(Power / 2).mean()
                * Coefficient
        );
}
