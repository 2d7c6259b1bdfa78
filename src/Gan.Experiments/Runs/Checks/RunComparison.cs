using System.Collections.Immutable;

namespace Gan.Experiments;

/// <summary>A number that two runs measured differently.</summary>
public sealed record NumberDifference(string Name, double First, double Second);

/// <summary>Where two runs first differ.</summary>
/// <param name="Step">The step; 0 for the states before the first.</param>
/// <param name="Tensors">The paths of the tensors that differ after it, those that one alone has included.</param>
/// <param name="Numbers">The numbers that differ, of those that both measure.</param>
public sealed record FirstDifference(
    long Step,
    ImmutableArray<string> Tensors,
    ImmutableArray<NumberDifference> Numbers
);

/// <summary>What a comparison of two journals found.</summary>
/// <param name="Steps">The logged steps that both have: fewer than were made where a journal is damaged.</param>
/// <param name="Difference">The first step at which their numbers differ; null where they agree.</param>
public sealed record JournalComparison(int Steps, FirstDifference? Difference);

/// <summary>Compares runs bit by bit.</summary>
public static class RunComparison
{
    /// <summary>
    /// Plays two experiments side by side and compares their states after every step; null where they are the same for
    /// all of them.
    /// </summary>
    /// <param name="first">An experiment.</param>
    /// <param name="second">Another, or the same with something changed.</param>
    /// <param name="steps">How many steps to play at most.</param>
    /// <param name="progress">Is told the steps that were the same so far.</param>
    public static FirstDifference? Play(ExperimentSpec first, ExperimentSpec second, long steps, Action<long> progress)
    {
        foreach (var (left, right) in States(first).Zip(States(second)))
        {
            var tensors = left.Bits.Differences(right.Bits);
            var numbers = Numbers(left.Values, right.Values);
            if (tensors.Count > 0 || numbers.Length > 0)
                return new FirstDifference(left.Bits.Step, [.. tensors], numbers);
            if (left.Bits.Step >= steps)
                break;
            progress(left.Bits.Step);
        }
        return null;
    }

    /// <summary>Compares what two runs logged, at the steps that both journals have.</summary>
    /// <exception cref="UserException">They were trained with different engines.</exception>
    public static JournalComparison Journals(FoundRun first, FoundRun second)
    {
        if (first.Engine is { } one && second.Engine is { } other && one != other)
            throw new UserException(
                $"{first.Folder.ShortId} was trained with {one} and {second.Folder.ShortId} with {other}, whose kernels give other bits. To compare what they are runs of, name their specs: gan diff SPEC SPEC"
            );
        var (left, right) = (Logged(first), Logged(second));
        long[] common = [.. left.Keys.Intersect(right.Keys).Order()];
        var difference = common
            .Select(step => new FirstDifference(step, [], Numbers(left[step], right[step])))
            .FirstOrDefault(found => found.Numbers.Length > 0);
        return new JournalComparison(common.Length, difference);
    }

    static IEnumerable<(Fingerprint Bits, IReadOnlyDictionary<string, double> Values)> States(ExperimentSpec spec) =>
        Stepper
            .Play(ExperimentRunner.Prepare(spec), measure: true)
            .Select(made => (Fingerprint.Of(made.State.Game), made.Values));

    static ImmutableArray<NumberDifference> Numbers(
        IReadOnlyDictionary<string, double> first,
        IReadOnlyDictionary<string, double> second
    ) =>
        [
            .. first
                .Where(pair =>
                    second.TryGetValue(pair.Key, out var other)
                    && BitConverter.DoubleToInt64Bits(other) != BitConverter.DoubleToInt64Bits(pair.Value)
                )
                .Select(pair => new NumberDifference(pair.Key, pair.Value, second[pair.Key])),
        ];

    static Dictionary<long, Dictionary<string, double>> Logged(FoundRun run)
    {
        var steps = new Dictionary<long, Dictionary<string, double>>();
        foreach (var metrics in Journal.Records<JournalRecord.Metrics>(run.Folder.Journal))
            metrics.AddTo(steps);
        return steps;
    }
}
