namespace Gan.Core;

/// <summary>
/// Lazy regularization: every Every steps, from the first, Every times the inner penalty, and nothing between: in the
/// mean the same term at a fraction of its cost.
/// </summary>
/// <remarks>
/// Karras et al., 2020. It is no free lunch: with R1 + R2 on two-dimensional mixtures every 8 steps break what every step
/// holds (Huang et al., 2024, appendix E).
/// </remarks>
public sealed record Lazy : IPenalty
{
    /// <summary>The penalty that is evaluated now and then.</summary>
    public required IPenalty Inner { get; init; }

    /// <summary>The steps from one evaluation to the next.</summary>
    public int Every
    {
        get;
        init => field = Require.Positive(value);
    } = 16;

    /// <inheritdoc/>
    public OutputParts Reads => Inner.Reads;

    /// <inheritdoc/>
    public PenalizedPoints Differentiates(long step) =>
        step % Every == 0 ? Inner.Differentiates(step) : PenalizedPoints.None;

    /// <inheritdoc/>
    public bool ReadsReal => Inner.ReadsReal;

    /// <inheritdoc/>
    public void Validate(PenaltySetting setting) => Inner.Validate(setting);

    /// <inheritdoc/>
    public ParameterTree Init(ParameterTree weights) => Inner.Init(weights);

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        if (input.Step % Every != 0)
            return new(input.Fake.Components[0].Tensor.new_zeros([]));
        var term = Inner.Evaluate(input);
        return term with { Value = term.Value * Every };
    }
}
