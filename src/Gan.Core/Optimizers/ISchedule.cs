namespace Gan.Core;

/// <summary>A number that depends on the count of updates made.</summary>
public interface ISchedule
{
    /// <summary>The value for the update after <paramref name="count"/> updates.</summary>
    double Value(long count);
}

/// <summary>Always the same.</summary>
public sealed record Constant(double Number) : ISchedule
{
    /// <inheritdoc/>
    public double Value(long count) => Number;
}

/// <summary>A schedule over a number of updates.</summary>
public abstract record TimedSchedule : ISchedule
{
    /// <summary>The number of updates.</summary>
    public required long Over
    {
        get;
        init => field = Require.Positive(value);
    }

    /// <inheritdoc/>
    public abstract double Value(long count);

    private protected double Done(long count) => Math.Min(1, (double)count / Over);
}

/// <summary>From one value to another along a line, over some updates; then the latter.</summary>
public sealed record LinearDecay : TimedSchedule
{
    /// <summary>The first value.</summary>
    public required double From { get; init; }

    /// <summary>The last value.</summary>
    public double Until { get; init; }

    /// <inheritdoc/>
    public override double Value(long count) => From + (Until - From) * Done(count);
}

/// <summary>From one value to another along half a cosine, over some updates; then the latter.</summary>
/// <remarks>Loshchilov and Hutter, 2017.</remarks>
public sealed record CosineDecay : TimedSchedule
{
    /// <summary>The first value.</summary>
    public required double From { get; init; }

    /// <summary>The last value.</summary>
    public double Until { get; init; }

    /// <inheritdoc/>
    public override double Value(long count) => Until + (From - Until) * 0.5 * (1 + Math.Cos(Math.PI * Done(count)));
}

/// <summary>From * Factor^(count / Over).</summary>
public sealed record ExponentialDecay : TimedSchedule
{
    /// <summary>The first value.</summary>
    public required double From { get; init; }

    /// <summary>What the value is multiplied by over the updates.</summary>
    public double Factor { get; init; } = 0.5;

    /// <inheritdoc/>
    public override double Value(long count) => From * Math.Pow(Factor, (double)count / Over);
}

/// <summary>Rises from nothing along a line over some updates, then follows another schedule from its start.</summary>
public sealed record WarmUp : TimedSchedule
{
    /// <summary>The schedule that follows.</summary>
    public required ISchedule Then { get; init; }

    /// <inheritdoc/>
    public override double Value(long count) =>
        count < Over ? Then.Value(0) * (count + 1) / Over : Then.Value(count - Over);
}
