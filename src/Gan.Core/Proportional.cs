namespace Gan.Core;

/// <summary>What acts in proportion to a coefficient.</summary>
public abstract record Proportional
{
    /// <summary>The coefficient.</summary>
    public double Coefficient
    {
        get;
        init => field = Require.NotNegative(value);
    }
}
