namespace Gan.Core;

/// <summary>What acts in proportion to a coefficient.</summary>
public abstract record Proportional(double Coefficient)
{
    /// <summary>The coefficient.</summary>
    public double Coefficient
    {
        get;
        init => field = Require.NotNegative(value);
    } = Require.NotNegative(Coefficient);
}
