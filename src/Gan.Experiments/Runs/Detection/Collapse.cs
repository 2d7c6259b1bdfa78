namespace Gan.Experiments;

/// <summary>Generated points have become alike, or modes that were covered are lost.</summary>
internal sealed class Collapse(string diversityName, string modesName) : IDetector
{
    const double LeastDiversity = 0.1;
    readonly Persistence alike = new(1);
    readonly Persistence lost = new(1);
    double most;

    public Detection? Look(IReadOnlyDictionary<string, double> values)
    {
        if (values.TryGetValue(diversityName, out var diversity) && alike.Begins(diversity < LeastDiversity))
            return Found($"generated points are {diversity:G2} times as far apart as real ones");
        if (!values.TryGetValue(modesName, out var modes))
            return null;
        most = Math.Max(most, modes);
        return lost.Begins(most >= 2 && modes <= most / 2) ? Found($"{modes} modes are covered; {most} were") : null;
    }

    static Detection Found(string sentence) =>
        new(
            "collapse",
            sentence,
            "Let the discriminator see points together (packed, minibatch: deviation), compare pairs (relativistic_paired with r1 and r2), or lower the learning rates."
        );
}
