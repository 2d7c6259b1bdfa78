namespace Gan.Core;

/// <summary>
/// Top-k training: the generator's loss is that of the points of a batch that the critic takes most for real, k =
/// ceil(Share(step) batch) of them; a loss that pairs points keeps their partners. The critic's loss is the inner one's.
/// </summary>
/// <remarks>Sinha et al., 2020, where the share falls slowly from 1 to a half.</remarks>
public sealed record TopK(IAdversarialLoss Inner, ISchedule Share) : IAdversarialLoss
{
    /// <inheritdoc/>
    public bool GeneratorReadsReal => Inner.GeneratorReadsReal;

    /// <inheritdoc/>
    public bool ReadsLabels => Inner.ReadsLabels;

    /// <inheritdoc/>
    public CriticOutputs Reads => Inner.Reads;

    /// <inheritdoc/>
    public ParameterTree Init(ScalarType dtype) => Inner.Init(dtype);

    /// <inheritdoc/>
    public Tensor Critic(LossInput input) => Inner.Critic(input);

    /// <inheritdoc/>
    public Tensor Generator(LossInput input)
    {
        var logits = input.Fake.Logits;
        var count = (int)logits.size(0);
        var kept = Math.Clamp((int)Math.Ceiling(Share.Value(input.Step) * count), 1, count);
        if (kept == count)
            return Inner.Generator(input);
        var scores = logits.detach().reshape(count, -1).mean([1]);
        var (_, order) = sort(scores, 0, descending: true, stable: true);
        var best = order.narrow(0, 0, kept);
        return Inner.Generator(input with { Real = input.Real.Select(best), Fake = input.Fake.Select(best) });
    }

    /// <inheritdoc/>
    public ParameterTree Advance(LossInput input) => Inner.Advance(input);
}
