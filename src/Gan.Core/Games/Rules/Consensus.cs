namespace Gan.Core;

/// <summary>
/// Consensus optimisation: all players move along g + Weight H^T g, with g the simultaneous gradient and H = dg/dw the
/// game's Hessian: each follows its own objective, and all together make Weight/2 |g|^2 small.
/// </summary>
/// <remarks>Mescheder, Nowozin and Geiger, 2017. It needs second derivatives of the objectives.</remarks>
public sealed record Consensus(double Weight) : IUpdateRule
{
    /// <summary>The weight gamma of |g|^2 / 2.</summary>
    public double Weight
    {
        get;
        init => field = Require.NotNegative(value);
    } = Require.NotNegative(Weight);

    /// <inheritdoc/>
    public void Validate(Game game) => Turns.RequireOnce(game);

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var field = Field.At(input, input.State);
        var gradient = Field.Detached(field.Gradient);
        return field.Move(input.State, Field.Add(gradient, field.TransposedProduct(gradient), Weight));
    }
}
