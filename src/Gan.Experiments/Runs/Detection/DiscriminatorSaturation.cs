namespace Gan.Experiments;

/// <summary>The discriminator tells all points of every batch apart: what it says bears no information for the generator.</summary>
internal sealed class DiscriminatorSaturation(string accuracyName) : IDetector
{
    const double Sure = 0.999;
    const int Times = 20;
    readonly Persistence saturated = new(Times);

    public Detection? Look(IReadOnlyDictionary<string, double> values) =>
        values.TryGetValue(accuracyName, out var accuracy) && saturated.Begins(accuracy >= Sure)
            ? new Detection(
                "discriminator_saturation",
                $"the discriminator has told every point apart at {Times} logged steps in a row",
                "Weaken it: a gradient penalty (r1), instance noise, a smaller network or fewer discriminator_steps."
            )
            : null;
}
