namespace Gan.Core;

/// <summary>
/// Adds Weight times the weights. Before the scaling it is the gradient of the L2 penalty Weight/2 |w|^2; between
/// Adam's scaling and the learning rate it is decoupled weight decay.
/// </summary>
/// <param name="Weight">The factor.</param>
/// <remarks>Decoupled: Loshchilov and Hutter, 2019.</remarks>
public sealed record AddDecayedWeights(double Weight) : Weighted(Weight), IGradientTransform
{
    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights) =>
        new(gradients.Zip(weights, (gradient, weight) => gradient + weight * Weight), state);
}

/// <summary>Adds Weight times the sign of the weights: the gradient of the L1 penalty Weight |w|, zero at zero.</summary>
/// <param name="Weight">The factor.</param>
public sealed record AddWeightSigns(double Weight) : Weighted(Weight), IGradientTransform
{
    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights) =>
        new(gradients.Zip(weights, (gradient, weight) => gradient + weight.sign() * Weight), state);
}
