namespace Gan.Core;

/// <summary>
/// Lazy regularization: every Every steps, from the first, Every times the inner penalty, and nothing between: in the
/// mean the same term at a fraction of its cost.
/// </summary>
/// <remarks>
/// Karras et al., 2020. It is no free lunch: with R1 + R2 on two-dimensional mixtures every 8 steps break what every step
/// holds (Huang et al., 2024, appendix E).
/// </remarks>
public sealed record Lazy(IPenalty Inner, int Every) : IPenalty
{
    /// <summary>The steps from one evaluation to the next.</summary>
    public int Every
    {
        get;
        init => field = Require.Positive(value);
    } = Require.Positive(Every);

    /// <inheritdoc/>
    public OutputParts Reads => Inner.Reads;

    /// <inheritdoc/>
    public PenalizedPoints Differentiates(long step) =>
        step % Every == 0 ? Inner.Differentiates(step) : PenalizedPoints.None;

    /// <inheritdoc/>
    public bool ReadsReal => Inner.ReadsReal;

    /// <inheritdoc/>
    public void Validate(Space space) => Inner.Validate(space);

    /// <inheritdoc/>
    public ParameterTree Init(ParameterTree weights) => Inner.Init(weights);

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) =>
        input.Step % Every == 0 ? Inner.Evaluate(input) * Every : input.Fake.Components[0].Tensor.new_zeros([]);

    /// <inheritdoc/>
    public ParameterTree Advance(PenaltyInput input) => input.Step % Every == 0 ? Inner.Advance(input) : input.State;
}
