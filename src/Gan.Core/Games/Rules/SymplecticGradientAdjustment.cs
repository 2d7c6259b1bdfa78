namespace Gan.Core;

/// <summary>
/// Symplectic gradient adjustment: all players move along g + Coefficient A^T g, with g the simultaneous gradient and A =
/// (H - H^T)/2 the part of the game's Hessian that makes players circle around each other.
/// </summary>
/// <param name="Coefficient">The coefficient lambda of the adjustment.</param>
/// <remarks>Balduzzi et al., 2018, without the alignment of signs. It needs second derivatives of the objectives.</remarks>
public sealed record SymplecticGradientAdjustment(double Coefficient) : Proportional(Coefficient), ISimultaneousRule
{
    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var field = new VectorField(input);
        var gradient = VectorField.Detached(field.Gradient);
        var twice = VectorField.Add(field.TransposedProduct(gradient), field.Product(gradient), -1);
        return field.Move(VectorField.Add(gradient, twice, Coefficient / 2));
    }
}
