namespace Gan.Core;

/// <summary>Brings every weight into [-Bound, Bound] after each update.</summary>
/// <param name="Bound">The largest absolute value.</param>
/// <remarks>Arjovsky, Chintala and Bottou, 2017.</remarks>
public sealed record WeightClipping(double Bound) : Bounded(Bound), IConstraint
{
    /// <inheritdoc/>
    public ParameterTree Project(ParameterTree weights) => weights.Map(weight => weight.clamp(-Bound, Bound));
}
