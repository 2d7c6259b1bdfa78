namespace Gan.Core;

/// <summary>
/// Historical averaging: Coefficient |w - m|^2, with m the mean of the player's weights over all its turns so far, its state: a
/// drag on weights that go in circles.
/// </summary>
/// <remarks>Salimans et al., 2016, section 3.3.</remarks>
public sealed record HistoricalAveraging(double Coefficient) : Proportional(Coefficient), IPenalty
{
    const string Mean = "mean";
    const string Turns = "turns";

    /// <inheritdoc/>
    public bool ReadsReal => false;

    /// <inheritdoc/>
    public ParameterTree Init(ParameterTree weights) =>
        ParameterTree.FromTensors([
            new(Turns, zeros([], weights[0].Tensor.dtype)),
            .. weights.Select(entry => new NamedTensor($"{Mean}/{entry.Path}", entry.Tensor.detach())),
        ]);

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) =>
        input
            .Weights.Zip(input.State.Child(Mean), (weight, mean) => (weight - mean).square().sum())
            .Select(entry => entry.Tensor)
            .Aggregate((a, b) => a + b) * Coefficient;

    /// <inheritdoc/>
    public ParameterTree Advance(PenaltyInput input)
    {
        var turns = input.State[Turns] + 1;
        var means = input
            .State.Child(Mean)
            .Zip(input.Weights, (mean, weight) => mean + (weight.detach() - mean) / turns);
        return input.State.With([turns, .. means.ToArray()]);
    }
}
