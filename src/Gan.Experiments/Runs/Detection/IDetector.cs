namespace Gan.Experiments;

/// <summary>A known trouble that a run shows.</summary>
/// <param name="Name">Its name, as in the tag <c>gan.detected.NAME</c>.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Advice">What to try, in one sentence.</param>
public sealed record Detection(string Name, string Message, string Advice);

/// <summary>Looks for a trouble in the numbers of a run, as they are logged. It tells it once, and again after it has gone.</summary>
internal interface IDetector
{
    /// <summary>The trouble that begins with these numbers, or null.</summary>
    Detection? Look(IReadOnlyDictionary<string, double> values);
}

/// <summary>All detectors of a run.</summary>
internal static class Detectors
{
    /// <summary>New ones, which have seen nothing yet.</summary>
    public static IReadOnlyList<IDetector> All() =>
        [
            new DiscriminatorSaturation(),
            new VanishingGenerator(),
            new Collapse(),
            new Oscillation("generator/loss"),
            new Oscillation("discriminator/loss"),
            new GradientRatio(),
        ];
}

/// <summary>True once when a condition has held some times in a row, and again after it has not.</summary>
internal sealed class Persistence(int times)
{
    int held;

    /// <summary>Takes the condition's next value.</summary>
    public bool Begins(bool holds)
    {
        held = holds ? held + 1 : 0;
        return held == times;
    }
}
