namespace Gan.Core;

/// <summary>
/// Consensus optimisation: all players move along g + Weight H^T g, with g the simultaneous gradient and H = dg/dw the
/// game's Hessian: each follows its own objective, and all together make Weight/2 |g|^2 small.
/// </summary>
/// <param name="Weight">The weight gamma of |g|^2 / 2.</param>
/// <remarks>Mescheder, Nowozin and Geiger, 2017. It needs second derivatives of the objectives.</remarks>
public sealed record Consensus(double Weight) : Weighted(Weight), ISimultaneousRule
{
    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var field = new GameField(input);
        var gradient = GameField.Detached(field.Gradient);
        return field.Move(GameField.Add(gradient, field.TransposedProduct(gradient), Weight));
    }
}
