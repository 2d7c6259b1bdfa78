namespace Gan.Core;

/// <summary>
/// DRAGAN: weight E (|grad D(u)| - 1)^2 at real points with noise, u = x + a Spread s e, where s is the standard deviation
/// of all elements of the batch, e is uniform on [0, 1), one for each element, and so is a, one for each point.
/// </summary>
/// <param name="Weight">The weight, lambda in the paper.</param>
/// <remarks>Kodali et al., 2017; the noise is that of the authors' code, which differs from the paper's text.</remarks>
public sealed record Dragan(double Weight) : Weighted(Weight), IPenalty
{
    /// <summary>The noise in standard deviations of the data.</summary>
    public double Spread
    {
        get;
        init => field = Require.NotNegative(value);
    } = 0.5;

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input)
    {
        var noisy = CriticGradients.Between(
            input.Real.MapNamed((name, points) => Noisy(points, input.Key.Derive(name))),
            input.Real,
            input.Key
        );
        return (CriticGradients.Norms(input.Critic, noisy) - 1).square().mean() * Weight;
    }

    Tensor Noisy(Tensor points, RandomKey key)
    {
        var deviation = (points - points.mean()).square().mean().sqrt();
        var share = key.UniformLike(points);
        return points + share * (deviation * Spread);
    }
}
