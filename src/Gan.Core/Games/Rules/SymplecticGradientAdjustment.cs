namespace Gan.Core;

/// <summary>
/// Symplectic gradient adjustment: all players move along g + Weight A^T g, with g the simultaneous gradient and A =
/// (H - H^T)/2 the part of the game's Hessian that makes players circle around each other.
/// </summary>
/// <remarks>Balduzzi et al., 2018, without the alignment of signs. It needs second derivatives of the objectives.</remarks>
public sealed record SymplecticGradientAdjustment(double Weight) : IUpdateRule
{
    /// <summary>The weight lambda of the adjustment.</summary>
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
        var twice = Field.Add(field.TransposedProduct(gradient), field.Product(gradient), -1);
        return field.Move(input.State, Field.Add(gradient, twice, Weight / 2));
    }
}
