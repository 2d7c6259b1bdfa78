namespace Gan.Core;

/// <summary>What holds something within a bound.</summary>
public abstract record Bounded
{
    /// <summary>The bound.</summary>
    public double Bound
    {
        get;
        init => field = Require.Positive(value);
    } = 1;
}
