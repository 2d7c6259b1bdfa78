namespace Gan.Core;

/// <summary>
/// Symplectic gradient adjustment: all players move along g + Coefficient A^T g, with g the simultaneous gradient and A =
/// (H - H^T)/2 the part of the game's Hessian that makes players circle around each other.
/// </summary>
/// <remarks>Balduzzi et al., 2018, without the alignment of signs. It needs second derivatives of the objectives.</remarks>
public sealed record SymplecticGradientAdjustment : Proportional, ISimultaneousRule
{
    /// <summary>With a coefficient of 1: lambda of the adjustment.</summary>
    public SymplecticGradientAdjustment() => Coefficient = 1;

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var field = new VectorField(input);
        var gradient = VectorField.Detached(field.Gradient);
        var twice = VectorField.Add(field.TransposedProduct(gradient), field.Product(gradient), -1);
        return field.Move(VectorField.Add(gradient, twice, Coefficient / 2));
    }
}
