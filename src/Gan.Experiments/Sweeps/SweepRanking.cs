namespace Gan.Experiments;

/// <summary>A configuration of a sweep among the others.</summary>
/// <param name="Rank">1 for the best.</param>
/// <param name="Values">What the sweep set, by parameter.</param>
/// <param name="Metric">The metric over the seeds whose runs have one.</param>
/// <param name="Trials">Its trials.</param>
public sealed record RankedConfiguration(
    int Rank,
    IReadOnlyDictionary<string, string> Values,
    Summary Metric,
    IReadOnlyList<TrialStanding> Trials
)
{
    /// <summary>How many of its runs diverged, failed, or came to no finite value.</summary>
    public int Lost =>
        Trials.Count(trial => trial.IsLost || (trial.State == TrialState.Finished && !double.IsFinite(trial.Value)));

    /// <summary>True where one of its runs made all its steps.</summary>
    public bool Finished => Trials.Any(trial => trial.State == TrialState.Finished);
}

/// <summary>Ranks the configurations of a sweep.</summary>
public static class SweepRanking
{
    /// <summary>
    /// The configurations by their mean of the metric, those with a lost run after those without, and those that were stopped
    /// early after all that were not; where the sweep has phases,
    /// those of the last one, which alone was run from seeds that chose nothing.
    /// </summary>
    public static IReadOnlyList<RankedConfiguration> Of(SweepMetric metric, SweepHistory history)
    {
        var last = history.Trials.Select(standing => standing.Trial.Phase).LastOrDefault("search");
        return
        [
            .. history
                .Trials.Where(standing => standing.Trial.Phase == last && standing.State != TrialState.Refused)
                .GroupBy(standing => standing.Trial.Configuration)
                .Select(group => new RankedConfiguration(
                    0,
                    group.First().Trial.Values,
                    Statistics.Summarize([
                        .. Comparable([.. group]).Select(standing => standing.Value).Where(double.IsFinite),
                    ]),
                    [.. group]
                ))
                .OrderBy(one => !one.Finished)
                .ThenBy(one => one.Lost > 0)
                .ThenByDescending(one => metric.Score(one.Metric.Mean))
                .ThenBy(one => one.Trials[0].Trial.Index)
                .Select((one, i) => one with { Rank = i + 1 }),
        ];
    }

    // Values after the same steps: of those that made all, or else of those that came furthest.
    static IEnumerable<TrialStanding> Comparable(TrialStanding[] trials)
    {
        var finished = trials.Where(trial => trial.State == TrialState.Finished).ToArray();
        var furthest = trials.Max(trial => trial.Values.Count);
        return finished.Length > 0 ? finished : trials.Where(trial => !trial.IsLost && trial.Values.Count == furthest);
    }
}
