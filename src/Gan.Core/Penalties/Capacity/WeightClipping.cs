namespace Gan.Core;

/// <summary>Brings every weight into [-Bound, Bound] after each update.</summary>
/// <remarks>Arjovsky, Chintala and Bottou, 2017.</remarks>
public sealed record WeightClipping : Bounded, IConstraint
{
    /// <summary>With a bound of 0.01.</summary>
    public WeightClipping() => Bound = 0.01;

    /// <inheritdoc/>
    public ParameterTree Project(ParameterTree weights) => weights.Map(weight => weight.clamp(-Bound, Bound));
}
