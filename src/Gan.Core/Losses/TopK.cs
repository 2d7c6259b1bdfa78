namespace Gan.Core;

/// <summary>
/// Top-k training: the generator's loss is that of the points of a batch that the discriminator takes most for real, k =
/// ceil(Fraction(step) batch) of them; a loss that pairs points keeps their partners. The discriminator's loss is the inner one's.
/// </summary>
/// <remarks>Sinha et al., 2020, where the fraction falls slowly from 1 to a half.</remarks>
public sealed record TopK : IAdversarialLoss
{
    /// <summary>The loss of the points that are kept.</summary>
    public required IAdversarialLoss Inner
    {
        get;
        init => field = RequireRanking(value);
    }

    /// <summary>The fraction of a batch that is kept: above 0 at first, and never above 1.</summary>
    public ISchedule Fraction
    {
        get;
        init => field = RequireFraction(value);
    } = new Constant(0.5);

    /// <inheritdoc/>
    public bool GeneratorReadsReal => Inner.GeneratorReadsReal;

    /// <inheritdoc/>
    public OutputParts Reads => Inner.Reads;

    /// <inheritdoc/>
    public ParameterTree Init(ScalarType dtype) => Inner.Init(dtype);

    /// <inheritdoc/>
    public Term Discriminator(LossInput input) => Inner.Discriminator(input);

    /// <inheritdoc/>
    public Term Generator(LossInput input)
    {
        var logits = input.Fake.Logits;
        var count = (int)logits.size(0);
        var kept = Math.Clamp((int)Math.Ceiling(Fraction.Value(input.Step) * count), 1, count);
        if (kept == count)
            return Inner.Generator(input);
        var scores = logits.detach().reshape(count, -1).mean([1]);
        var (_, order) = sort(scores, 0, descending: true, stable: true);
        var best = order.narrow(0, 0, kept);
        return Inner.Generator(input with { Real = input.Real.Select(best), Fake = input.Fake.Select(best) });
    }

    static ISchedule RequireFraction(ISchedule fraction)
    {
        Require.Positive(Require.InRange(fraction.Value(0), 0, 1, nameof(Fraction)), nameof(Fraction));
        Require.InRange(fraction.Value(long.MaxValue / 2), 0, 1, nameof(Fraction));
        return fraction;
    }

    static IAdversarialLoss RequireRanking(IAdversarialLoss loss) =>
        loss.RanksPoints
            ? loss
            : throw new ArgumentException(
                $"Top-k ranks points by their logits, which {loss.GetType().Name} does not: take a loss whose logits are high on real points."
            );
}
