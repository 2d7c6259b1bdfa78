namespace Gan.Experiments;

/// <summary>A known trouble that a run shows.</summary>
/// <param name="Name">Its name, as in the tag <c>gan.detected.NAME</c>.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Advice">What to try, in one sentence.</param>
public sealed record Detection(string Name, string Message, string Advice);

/// <summary>Looks for a trouble in the numbers of a run, as they are logged. It tells it once, and again after it has gone.</summary>
public interface IDetector
{
    /// <summary>The trouble that begins with these numbers, or null.</summary>
    Detection? Look(IReadOnlyDictionary<string, double> values);
}

/// <summary>All detectors of a run.</summary>
internal static class Detectors
{
    /// <summary>New ones for an experiment's players, which have seen nothing yet.</summary>
    public static IReadOnlyList<IDetector> All(ExperimentSpec spec)
    {
        var objectives = DiscriminatorObjective.All(spec.Game);
        return
        [
            .. objectives.Select(placed => new DiscriminatorSaturation($"{placed.Place}/accuracy")),
            .. spec.Samples.Select(sampled => new VanishingGenerator($"{sampled.Player}/gradient_norm")),
            .. spec.Samples.Select(sampled => new Collapse(
                Evaluator.DiversityName(spec, sampled),
                $"evaluation/{spec.NameOf(sampled, "modes")}"
            )),
            .. spec.Game.Turns.Reverse().Select(turn => new Oscillation($"{turn.Name}/loss")),
            .. objectives.Select(placed => new GradientRatio(
                Evaluator.GradientName(spec.Game, placed.Objective, "real"),
                Evaluator.GradientName(spec.Game, placed.Objective, "fake")
            )),
            .. spec.Catalogs.Detectors.Entries.Select(entry => SpecReader.Make(entry, spec.Catalogs)),
        ];
    }
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
