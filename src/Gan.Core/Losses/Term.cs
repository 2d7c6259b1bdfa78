using System.Runtime.CompilerServices;

namespace Gan.Core;

/// <summary>What a loss or a penalty says of a turn, all at once. Equality is of reference.</summary>
/// <param name="Value">What it adds to the player's objective: a tensor without dimensions.</param>
public sealed record Term(Tensor Value)
{
    /// <summary>Its own state after the turn; null where that stays as it was.</summary>
    public ParameterTree? State { get; init; }

    /// <summary>Numbers worth logging beside the value.</summary>
    public Measurements Measurements { get; init; } = Measurements.Empty;

    /// <summary>With another value.</summary>
    public Term WithValue(Tensor value) => this with { Value = value };

    /// <inheritdoc/>
    public bool Equals(Term? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}
