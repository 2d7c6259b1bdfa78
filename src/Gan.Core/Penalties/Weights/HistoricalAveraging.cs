namespace Gan.Core;

/// <summary>
/// Historical averaging: Coefficient |w - m|^2, with m the mean of the player's weights over all its turns so far, its state: a
/// drag on weights that go in circles.
/// </summary>
/// <remarks>Salimans et al., 2016, section 3.3.</remarks>
public sealed record HistoricalAveraging : Proportional, IPenalty
{
    /// <summary>With a coefficient of 1e-3.</summary>
    public HistoricalAveraging() => Coefficient = 1e-3;

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
    public Term Evaluate(PenaltyInput input)
    {
        var before = input.State.Child(Mean);
        var weights = input.Player.State.Weights;
        var squared = weights
            .Zip(before, (weight, mean) => (weight - mean).square().sum())
            .ToArray()
            .Aggregate((a, b) => a + b);
        var turns = input.State[Turns] + 1;
        var means = before.Zip(weights, (mean, weight) => mean + (weight.detach() - mean) / turns);
        return new Term(squared * Coefficient) { State = input.State.With([turns, .. means.ToArray()]) };
    }
}
