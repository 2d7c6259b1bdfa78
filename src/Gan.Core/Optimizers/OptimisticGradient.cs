namespace Gan.Core;

/// <summary>
/// Optimism: 2 g - p, where p is the last update's g and zero at first: each player expects the others to move again as
/// they did. Before a learning rate it is OGDA, between Adam's direction and the rate optimistic Adam.
/// </summary>
/// <remarks>Daskalakis et al., 2018; Popov, 1980.</remarks>
public sealed record OptimisticGradient : IGradientTransform
{
    /// <inheritdoc/>
    public TransformState Init(ParameterTree weights) => TransformState.Zeros(weights, "last");

    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights)
    {
        var updates = gradients.Zip(state.Slots.Child("last"), (gradient, last) => gradient * 2 - last);
        return new(updates, new(state.Count + 1, state.Slots.With(gradients.ToArray())));
    }
}
