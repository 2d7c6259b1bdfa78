namespace Gan.Core;

/// <summary>
/// Adds Coefficient times the weights. Before the scaling it is the gradient of the L2 penalty Coefficient/2 |w|^2; between
/// Adam's scaling and the learning rate it is decoupled weight decay.
/// </summary>
/// <remarks>Decoupled: Loshchilov and Hutter, 2019.</remarks>
public sealed record AddDecayedWeights : Proportional, IGradientTransform
{
    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights) =>
        new(gradients.Zip(weights, (gradient, weight) => gradient + weight * Coefficient), state);
}

/// <summary>Adds Coefficient times the sign of the weights: the gradient of the L1 penalty Coefficient |w|, zero at zero.</summary>
public sealed record AddWeightSigns : Proportional, IGradientTransform
{
    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights) =>
        new(gradients.Zip(weights, (gradient, weight) => gradient + weight.sign() * Coefficient), state);
}
