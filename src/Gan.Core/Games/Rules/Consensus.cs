namespace Gan.Core;

/// <summary>
/// Consensus optimization: all players move along g + Coefficient H^T g, with g the simultaneous gradient and H = dg/dw the
/// game's Hessian: each follows its own objective, and all together make Coefficient/2 |g|^2 small.
/// </summary>
/// <remarks>Mescheder, Nowozin and Geiger, 2017. It needs second derivatives of the objectives.</remarks>
public sealed record Consensus : Proportional, ISimultaneousRule
{
    /// <summary>With a coefficient of 0.1: gamma of |g|^2 / 2.</summary>
    public Consensus() => Coefficient = 0.1;

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var field = new VectorField(input);
        var gradient = VectorField.Detached(field.Gradient);
        return field.Move(VectorField.Add(gradient, field.TransposedProduct(gradient), Coefficient));
    }
}
