namespace Gan.Core;

/// <summary>
/// Symplectic gradient adjustment: all players move along g + Weight A^T g, with g the simultaneous gradient and A =
/// (H - H^T)/2 the part of the game's Hessian that makes players circle around each other.
/// </summary>
/// <param name="Weight">The weight lambda of the adjustment.</param>
/// <remarks>Balduzzi et al., 2018, without the alignment of signs. It needs second derivatives of the objectives.</remarks>
public sealed record SymplecticGradientAdjustment(double Weight) : Weighted(Weight), ISimultaneousRule
{
    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var field = new GameField(input);
        var gradient = GameField.Detached(field.Gradient);
        var twice = GameField.Add(field.TransposedProduct(gradient), field.Product(gradient), -1);
        return field.Move(GameField.Add(gradient, twice, Weight / 2));
    }
}
