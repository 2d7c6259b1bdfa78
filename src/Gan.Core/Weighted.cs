namespace Gan.Core;

/// <summary>What acts in proportion to a weight.</summary>
public abstract record Weighted(double Weight)
{
    /// <summary>The weight.</summary>
    public double Weight
    {
        get;
        init => field = Require.NotNegative(value);
    } = Require.NotNegative(Weight);
}
