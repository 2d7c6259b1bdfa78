namespace Gan.Core;

/// <summary>A penalty of gamma/2 times a mean of squared gradients.</summary>
public abstract record ZeroCentered(double Gamma)
{
    /// <summary>The coefficient gamma.</summary>
    public double Gamma
    {
        get;
        init => field = Require.NotNegative(value);
    } = Require.NotNegative(Gamma);
}

/// <summary>R1: gamma/2 E |grad D(x)|^2 at real points, the gradient with respect to the point, over all its components.</summary>
/// <remarks>Mescheder, Geiger and Nowozin, 2018.</remarks>
public sealed record R1(double Gamma) : ZeroCentered(Gamma), IPenalty
{
    /// <inheritdoc/>
    public PenalizedPoints Differentiates(long step) => PenalizedPoints.Real;

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) => input.RealSquaredGradientNorms.mean() * (Gamma / 2);
}

/// <summary>R2: gamma/2 E |grad D(G(z))|^2 at generated points.</summary>
/// <remarks>Mescheder, Geiger and Nowozin, 2018; with R1, Huang et al., 2024.</remarks>
public sealed record R2(double Gamma) : ZeroCentered(Gamma), IPenalty
{
    /// <inheritdoc/>
    public PenalizedPoints Differentiates(long step) => PenalizedPoints.Fake;

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input) => input.FakeSquaredGradientNorms.mean() * (Gamma / 2);
}
