namespace Gan.Experiments;

/// <summary>The critic tells all points of every batch apart: what it says bears no information for the generator.</summary>
internal sealed class CriticSaturation : IDetector
{
    const double Sure = 0.999;
    const int Times = 20;
    readonly Persistence saturated = new(Times);

    public Detection? Look(IReadOnlyDictionary<string, double> values) =>
        values.TryGetValue("critic/accuracy", out var accuracy) && saturated.Begins(accuracy >= Sure)
            ? new Detection(
                "critic_saturation",
                $"the critic has told every point apart at {Times} logged steps in a row",
                "Weaken it: a gradient penalty (r1), instance noise, a smaller network or fewer critic_steps."
            )
            : null;
}
