namespace Gan.Experiments;

/// <summary>Runs that differ in nothing but their seeds.</summary>
/// <param name="Label">What sets the group apart, as <c>loss.kind=hinge</c>; the run's name where nothing does.</param>
/// <param name="Values">The parameters that differ among the groups, with this one's values.</param>
/// <param name="Runs">Its runs, by seed.</param>
/// <param name="IsRanked">
/// False for the phases of a sweep before its last: their runs chose what the last one's show, and would flatter it.
/// </param>
public sealed record ComparedGroup(
    string Label,
    IReadOnlyDictionary<string, string> Values,
    IReadOnlyList<ComparedRun> Runs,
    bool IsRanked
)
{
    /// <summary>The runs that finished with a finite value of a metric, by seed: of a seed that was run twice the latest.</summary>
    public IReadOnlyDictionary<string, ComparedRun> Finished(string metric) =>
        Runs.Where(run => run.Run.Status == "FINISHED" && double.IsFinite(run.Last(metric)))
            .GroupBy(run => run.Seed)
            .ToDictionary(same => same.Key, same => same.MaxBy(run => run.Run.Start)!);

    /// <summary>The metric's latest values over the seeds.</summary>
    public Summary Summarize(string metric) =>
        Statistics.Summarize([.. Finished(metric).Values.Select(run => run.Last(metric))]);

    /// <summary>How many seeds did not come to a finite value of a metric.</summary>
    public int Lost(string metric) => Runs.Select(run => run.Seed).Distinct().Count() - Finished(metric).Count;
}

/// <summary>A group's place by a metric.</summary>
/// <param name="Rank">1 for the best; groups of the same mean share it.</param>
/// <param name="Group">The group.</param>
/// <param name="Metric">The metric's latest values over the group's runs that have one.</param>
/// <param name="Lost">How many of its seeds did not come to a finite value.</param>
/// <param name="P">
/// The p-value, corrected by Holm's method for all groups, of its being as good as the first: by a paired bootstrap over
/// the seeds that both have. Null for the first itself, and where they share fewer than three seeds.
/// </param>
public sealed record RankedGroup(int Rank, ComparedGroup Group, Summary Metric, int Lost, double? P);

/// <summary>Runs side by side, grouped by all that they differ in but their seeds.</summary>
/// <param name="Title">What they are.</param>
/// <param name="Groups">The runs by what sets them apart.</param>
public sealed record GroupedRuns(string Title, IReadOnlyList<ComparedGroup> Groups)
{
    // What runs may differ in without being different experiments.
    static readonly string[] Apart = ["name", "experiment", "notes", "seed", "tracking"];

    static readonly string[] Better =
    [
        "modes",
        "high_quality",
        "precision",
        "recall",
        "coverage",
        "density",
        "diversity",
    ];

    /// <summary>All runs.</summary>
    public IEnumerable<ComparedRun> Runs => Groups.SelectMany(group => group.Runs);

    /// <summary>The names of all metrics of all runs.</summary>
    public IReadOnlyList<string> Metrics =>
        [.. Runs.SelectMany(run => run.Curves.Keys).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Reads runs and groups them.</summary>
    /// <exception cref="UserException">There are none.</exception>
    public static GroupedRuns Of(string title, IReadOnlyList<FoundRun> found)
    {
        if (found.Count == 0)
            throw new UserException("There are no runs to compare.");
        ComparedRun[] runs = [.. found.Select(ComparedRun.Read)];
        var differing = runs.SelectMany(run => run.Parameters.Keys)
            .Distinct()
            .Where(key => !Apart.Contains(key.Split('.')[0]))
            .Where(key => runs.Select(run => run.Parameters.GetValueOrDefault(key) ?? "").Distinct().Count() > 1)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var last = runs.GroupBy(run => run.Sweep)
            .ToDictionary(sweep => sweep.Key, sweep => sweep.MaxBy(run => run.Run.Start)!.Phase);
        var grouped = runs.GroupBy(run =>
                (
                    Values: string.Join('\n', differing.Select(key => run.Parameters.GetValueOrDefault(key))),
                    Last: run.Phase == last[run.Sweep],
                    Phase: run.Phase == last[run.Sweep] ? "" : run.Phase
                )
            )
            .Select(group => (Runs: group.ToArray(), group.Key.Phase, IsRanked: group.Key.Last))
            .OrderBy(group => group.Runs.Min(run => run.Run.Start))
            .ToArray();
        var telling = Telling(differing);
        var unlike = grouped.DistinctBy(group => (Label(group.Runs[0], telling), group.Phase)).Count();
        var named = unlike == grouped.Length ? telling : differing;
        return new GroupedRuns(
            title,
            [
                .. grouped.Select(group => new ComparedGroup(
                    (group.Phase.Length > 0 ? $"{group.Phase}: " : "") + Label(group.Runs[0], named),
                    differing
                        .Where(group.Runs[0].Parameters.ContainsKey)
                        .ToDictionary(key => key, key => group.Runs[0].Parameters[key]),
                    [.. group.Runs.OrderBy(run => long.TryParse(run.Seed, out var seed) ? seed : 0)],
                    group.IsRanked
                )),
            ]
        );
    }

    /// <summary>True where a metric is the better the larger it is, as far as its name tells.</summary>
    public static bool IsMaximized(string metric) =>
        Better.Any(word => metric.Split('/')[^1].Contains(word, StringComparison.Ordinal));

    /// <summary>The groups that are ranked, by their mean of a metric, those with a lost run after those without.</summary>
    public IReadOnlyList<RankedGroup> Rank(SweepMetric metric)
    {
        var ranked = Groups
            .Where(group => group.IsRanked)
            .Select(group => new RankedGroup(0, group, group.Summarize(metric.Name), group.Lost(metric.Name), null))
            .OrderBy(one => one.Metric.Count == 0)
            .ThenBy(one => one.Lost > 0)
            .ThenByDescending(one => metric.Score(one.Metric.Mean))
            .ToArray();
        var compared = ranked.Skip(1).Select(one => PValue(ranked[0].Group, one.Group, metric.Name)).ToArray();
        var corrected = Statistics.Holm([.. compared.OfType<double>()]);
        var known = 0;
        return
        [
            .. ranked.Select(
                (one, i) =>
                    one with
                    {
                        Rank = 1 + Array.FindIndex(ranked, other => Same(other, one)),
                        P = i > 0 && compared[i - 1] is not null ? corrected[known++] : null,
                    }
            ),
        ];
    }

    static bool Same(RankedGroup a, RankedGroup b) =>
        a.Metric.Mean.Equals(b.Metric.Mean) && (a.Lost > 0) == (b.Lost > 0);

    static double? PValue(ComparedGroup first, ComparedGroup other, string metric)
    {
        var (a, b) = (first.Finished(metric), other.Finished(metric));
        double[] differences =
        [
            .. a
                .Keys.Where(b.ContainsKey)
                .Order(StringComparer.Ordinal)
                .Select(seed => a[seed].Last(metric) - b[seed].Last(metric)),
        ];
        return differences.Length < 3 ? null : Statistics.PairedBootstrap(differences, seed: 1);
    }

    const string Kind = ".kind";

    // Where a part's kind differs, so do the values that only one kind has; the kind tells them all.
    static string[] Telling(IReadOnlyList<string> differing)
    {
        var kinds = differing.Where(key => key.EndsWith(Kind, StringComparison.Ordinal)).ToArray();
        return
        [
            .. differing.Where(key =>
                !kinds.Any(kind => key != kind && key.StartsWith(kind[..^"kind".Length], StringComparison.Ordinal))
            ),
        ];
    }

    // loss=hinge, not loss.kind=hinge.
    static string Label(ComparedRun run, IEnumerable<string> keys)
    {
        var named = keys.Where(run.Parameters.ContainsKey)
            .Select(key =>
                $"{(key.EndsWith(Kind, StringComparison.Ordinal) ? key[..^Kind.Length] : key)}={run.Parameters[key]}"
            );
        var label = string.Join(" ", named);
        return label.Length > 0 ? label : run.Run.Name;
    }
}
