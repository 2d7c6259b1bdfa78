namespace Gan.Core;

/// <summary>
/// DRAGAN: Coefficient E (|grad D(u)| - 1)^2 at real points with noise, u = x + a Spread s e, where s is the standard deviation
/// of all elements of the batch, e is uniform on [0, 1), one for each element, and so is a, one for each point.
/// </summary>
/// <remarks>Kodali et al., 2017; the noise is that of the authors' code, which differs from the paper's text.</remarks>
public sealed record Dragan : Proportional, IPenalty
{
    /// <summary>With a coefficient of 10: lambda in the paper.</summary>
    public Dragan() => Coefficient = 10;

    /// <summary>The noise in standard deviations of the data.</summary>
    public double Spread
    {
        get;
        init => field = Require.NotNegative(value);
    } = 0.5;

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        var noisy = DiscriminatorGradients.Between(
            input.Real.MapNamed((name, points) => Noisy(points, input.Key.Derive(name))),
            input.Real,
            input.Key
        );
        return new((DiscriminatorGradients.Norms(input.Discriminator, noisy) - 1).square().mean() * Coefficient);
    }

    Tensor Noisy(Tensor points, RandomKey key)
    {
        var deviation = (points - points.mean()).square().mean().sqrt();
        var uniform = key.UniformLike(points);
        return points + uniform * (deviation * Spread);
    }
}
