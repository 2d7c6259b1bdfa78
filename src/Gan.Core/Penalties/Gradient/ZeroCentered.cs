namespace Gan.Core;

/// <summary>A penalty of gamma/2 times a mean of squared gradient norms.</summary>
public abstract record ZeroCentered
{
    /// <summary>The coefficient gamma.</summary>
    public double Gamma
    {
        get;
        init => field = Require.NotNegative(value);
    } = 10;
}
