namespace Gan.Core;

/// <summary>What holds something within a bound.</summary>
public abstract record Bounded(double Bound)
{
    /// <summary>The bound.</summary>
    public double Bound
    {
        get;
        init => field = Require.Positive(value);
    } = Require.Positive(Bound);
}
