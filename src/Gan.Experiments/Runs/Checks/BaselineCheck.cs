using System.Collections.Immutable;
using Run = System.Collections.Generic.IReadOnlyList<System.Collections.Generic.IReadOnlyDictionary<string, double>>;

namespace Gan.Experiments;

/// <summary>How closely a run is held against a baseline.</summary>
public enum Closeness
{
    /// <summary>Every state has the same bits: on the same machine and engine.</summary>
    Bits,

    /// <summary>Every number is where runs of other seeds had it: on any machine.</summary>
    Bands,
}

/// <summary>The first step at which a run is not what its baseline says.</summary>
/// <param name="Step">The step.</param>
/// <param name="Message">What differs.</param>
public sealed record BaselineBreach(long Step, string Message);

/// <summary>Regression tests of training dynamics: records what a run does, and checks that it does it still.</summary>
public static class BaselineCheck
{
    /// <summary>A number may be so many deviations away from its mean.</summary>
    public const double Width = 5;

    // Deviations over few seeds are rough; where their average over so many steps on both sides is larger, it is taken.
    const int Smoothing = 10;

    /// <summary>Records some steps of an experiment: the bits at its own seed, the bands over that seed and those after it.</summary>
    public static Baseline Record(ExperimentSpec spec, int steps, int seeds)
    {
        spec = ExperimentRunner.Prepare(spec);
        var bits = ImmutableArray.CreateBuilder<Fingerprint>();
        var runs = new List<Run>();
        for (var seed = 0; seed < seeds; seed++)
        {
            var values = new List<IReadOnlyDictionary<string, double>>();
            foreach (var made in Play(spec.WithSeed(spec.Seed + seed), steps))
            {
                if (made.Values.Values.Any(value => !double.IsFinite(value)))
                    throw new UserException(
                        $"At seed {spec.Seed + seed} step {made.State.Game.Step} diverged; a baseline is of a run that does not."
                    );
                values.Add(made.Values);
                if (seed == 0)
                    bits.Add(Fingerprint.Of(made.State.Game));
            }
            runs.Add(values);
        }
        return new Baseline(
            spec.Canonical,
            Machine,
            seeds,
            [.. bits.Select((fingerprint, i) => new BaselineStep(fingerprint, Bands(runs, i)))]
        );
    }

    /// <summary>Plays an experiment against its baseline; null where it is what the baseline says.</summary>
    /// <exception cref="UserException">The baseline is of another spec, or bits are asked for that are another machine's.</exception>
    public static BaselineBreach? Check(ExperimentSpec spec, Baseline baseline, Closeness closeness)
    {
        var recorded = ExperimentSpec.Read(SpecDocument.Parse("the baseline's spec", baseline.Spec.ToJsonString()));
        spec = ExperimentRunner.Prepare(spec.Threads == 0 ? spec.WithThreads(recorded.Threads) : spec);
        // Bands are over seeds.
        var differences = recorded
            .DynamicsDifferences(spec)
            .Where(path => closeness == Closeness.Bits || path != "seed")
            .ToArray();
        if (differences.Length > 0)
            throw new UserException(
                $"The baseline is of another spec, which differs in {string.Join(", ", differences)}. Record a new one with --record."
            );
        if (closeness == Closeness.Bits && baseline.Machine != Machine)
            throw new UserException(
                $"The baseline's bits are those of another machine ({baseline.Machine}; this is {Machine}). Check the bands with --bands, or record anew."
            );
        if (closeness == Closeness.Bands && baseline.Seeds < 2)
            throw new UserException(
                "The baseline is of one seed, which makes no bands; record it over several: --seeds 8."
            );
        return Play(spec, baseline.Steps.Length)
            .Zip(baseline.Steps, (made, expected) => Compare(made, expected, closeness))
            .FirstOrDefault(breach => breach is not null);
    }

    static BaselineBreach? Compare(PlayedStep made, BaselineStep expected, Closeness closeness)
    {
        if (closeness == Closeness.Bits)
        {
            var bits = Fingerprint.Of(made.State.Game);
            if (bits.State == expected.Bits.State)
                return null;
            return new(
                bits.Step,
                bits.Differences(expected.Bits) switch
                {
                    [] => "other bits of the state, though of no tensor: the baseline has been changed",
                    [var one] => $"other bits in {one}",
                    [var first, ..] all => $"other bits in {first} and {all.Count - 1} more",
                }
            );
        }
        foreach (var (name, band) in expected.Bands)
        {
            var found = made.Values.TryGetValue(name, out var value) ? value : double.NaN;
            var most = Width * band.Deviation + 1e-3 * Math.Abs(band.Mean) + 1e-9;
            if (!(Math.Abs(found - band.Mean) <= most) && !found.Equals(band.Mean))
                return new(
                    made.State.Game.Step,
                    $"{name} is {found:G6}, outside {band.Mean:G6} +- {most:G3} ({Width} deviations over seeds)"
                );
        }
        return null;
    }

    static IEnumerable<PlayedStep> Play(ExperimentSpec spec, int steps) =>
        Stepper.Play(spec, measure: true).Skip(1).Take(steps);

    static Dictionary<string, Band> Bands(IReadOnlyList<Run> runs, int step)
    {
        var from = Math.Max(0, step - Smoothing);
        var to = Math.Min(runs[0].Count - 1, step + Smoothing);
        var names = runs[0][step].Keys;
        return names.ToDictionary(
            name => name,
            name => new Band(
                runs.Average(run => run[step][name]),
                Math.Sqrt(
                    Math.Max(
                        Variance(runs, step, name),
                        Enumerable.Range(from, to - from + 1).Average(at => Variance(runs, at, name))
                    )
                )
            )
        );
    }

    static double Variance(IReadOnlyList<Run> runs, int step, string name)
    {
        var mean = runs.Average(run => run[step][name]);
        return runs.Average(run => (run[step][name] - mean) * (run[step][name] - mean));
    }

    static string Machine => $"{MachineFacts.Engine}, {MachineFacts.Processor}";
}
