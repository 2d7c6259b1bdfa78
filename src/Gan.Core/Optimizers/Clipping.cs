namespace Gan.Core;

/// <summary>Brings every element of the gradients into [-Bound, Bound].</summary>
public sealed record ClipByValue : Bounded, IGradientTransform
{
    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights) =>
        new(gradients.Map(gradient => gradient.clamp(-Bound, Bound)), state);
}

/// <summary>Scales the gradients, taken as one vector, so that their norm is at most Bound.</summary>
/// <remarks>Pascanu, Mikolov and Bengio, 2013.</remarks>
public sealed record ClipByGlobalNorm : Bounded, IGradientTransform
{
    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights)
    {
        if (gradients.Count == 0)
            return new(gradients, state);
        var norm = gradients.Norm();
        var factor = Bound / norm.maximum(full_like(norm, Bound)).item<double>();
        return new(gradients.Map(gradient => gradient * factor), state);
    }
}
