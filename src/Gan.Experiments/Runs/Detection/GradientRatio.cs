namespace Gan.Experiments;

/// <summary>The discriminator is much steeper on one kind of points than on the other.</summary>
/// <remarks>Huang et al., 2024, section 2.4: with R1 alone it explodes on generated points, where nothing holds it.</remarks>
internal sealed class GradientRatio(string realName, string fakeName) : IDetector
{
    const double Most = 10;
    readonly Persistence uneven = new(2);

    public Detection? Look(IReadOnlyDictionary<string, double> values) =>
        values.TryGetValue(realName, out var real)
        && values.TryGetValue(fakeName, out var fake)
        && uneven.Begins(real > Most * fake || fake > Most * real)
            ? new Detection(
                "gradient_ratio",
                $"E |grad D|^2 is {real:G3} on real and {fake:G3} on generated points",
                "Penalize the discriminator on both kinds: r1 and r2 together."
            )
            : null;
}
