namespace Gan.Core;

/// <summary>Brings every weight into [-Bound, Bound] after each update.</summary>
/// <remarks>Arjovsky, Chintala and Bottou, 2017.</remarks>
public sealed record WeightClipping(double Bound) : IConstraint
{
    /// <summary>The largest absolute value.</summary>
    public double Bound
    {
        get;
        init => field = Require.Positive(value);
    } = Require.Positive(Bound);

    /// <inheritdoc/>
    public ParameterTree Project(ParameterTree weights) => weights.Map(weight => weight.clamp(-Bound, Bound));
}
