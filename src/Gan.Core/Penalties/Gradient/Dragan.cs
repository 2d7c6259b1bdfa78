namespace Gan.Core;

/// <summary>
/// DRAGAN: weight E (|grad D(u)| - 1)^2 at real points with noise, u = x + a Spread s e, where s is the standard deviation
/// of all elements of the batch, e is uniform on [0, 1), one for each element, and so is a, one for each point.
/// </summary>
/// <remarks>Kodali et al., 2017; the noise is that of the authors' code, which differs from the paper's text.</remarks>
public sealed record Dragan(double Weight) : IPenalty
{
    /// <summary>The weight, lambda in the paper.</summary>
    public double Weight
    {
        get;
        init => field = Require.NotNegative(value);
    } = Require.NotNegative(Weight);

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
            new Sample([
                .. input.Real.Components.Select(component => new NamedTensor(
                    component.Path,
                    Noisy(component.Tensor, input.Key.Derive(component.Path))
                )),
            ]),
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
