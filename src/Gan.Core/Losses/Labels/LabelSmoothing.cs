namespace Gan.Core;

/// <summary>
/// Label smoothing: real points are labeled real to the part 1 - Real, and generated ones generated to the part 1 - Fake.
/// Discriminator E [(1 - Real) r(D(x)) + Real f(D(x))] + E [(1 - Fake) f(D(G(z))) + Fake r(D(G(z)))]; the generator's loss is the
/// inner one's. With Fake 0 it is one-sided.
/// </summary>
/// <remarks>Salimans et al., 2016, section 3.4, who advise to smooth the real side alone.</remarks>
public sealed record LabelSmoothing : IAdversarialLoss
{
    /// <summary>The loss whose labels are smoothed.</summary>
    public required PointwiseLoss Inner { get; init; }

    /// <summary>How far the label of real points is from real.</summary>
    public double Real
    {
        get;
        init => field = Require.InRange(value, 0, 1);
    } = 0.1;

    /// <summary>How far the label of generated points is from generated.</summary>
    public double Fake
    {
        get;
        init => field = Require.InRange(value, 0, 1);
    }

    /// <inheritdoc/>
    public Term Discriminator(LossInput input)
    {
        var (real, fake) = (input.Real.Logits, input.Fake.Logits);
        return new(
            (Inner.OnReal(real) * (1 - Real) + Inner.OnFake(real) * Real).mean()
                + (Inner.OnFake(fake) * (1 - Fake) + Inner.OnReal(fake) * Fake).mean()
        );
    }

    /// <inheritdoc/>
    public Term Generator(LossInput input) => Inner.Generator(input);
}
