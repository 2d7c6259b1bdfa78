namespace Gan.Core;

/// <summary>
/// Top-k training: the generator's loss is that of the points of a batch that the critic takes most for real, k =
/// ceil(Share(step) batch) of them; a loss that pairs points keeps their partners. The critic's loss is the inner one's.
/// </summary>
/// <remarks>Sinha et al., 2020, where the share falls slowly from 1 to a half.</remarks>
public sealed record TopK(IAdversarialLoss Inner, ISchedule Share) : IAdversarialLoss
{
    /// <summary>The loss of the points that are kept.</summary>
    public IAdversarialLoss Inner
    {
        get;
        init => field = RequireRanking(value);
    } = RequireRanking(Inner);

    /// <summary>The share of a batch that is kept: above 0 at first, and never above 1.</summary>
    public ISchedule Share
    {
        get;
        init => field = RequireShare(value);
    } = RequireShare(Share);

    /// <inheritdoc/>
    public bool GeneratorReadsReal => Inner.GeneratorReadsReal;

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

    static ISchedule RequireShare(ISchedule share)
    {
        Require.Positive(Require.InRange(share.Value(0), 0, 1, nameof(Share)), nameof(Share));
        Require.InRange(share.Value(long.MaxValue / 2), 0, 1, nameof(Share));
        return share;
    }

    static IAdversarialLoss RequireRanking(IAdversarialLoss loss) =>
        loss.RanksPoints
            ? loss
            : throw new ArgumentException(
                $"Top-k ranks points by their logits, which {loss.GetType().Name} does not: take a loss whose logits are high on real points."
            );
}
