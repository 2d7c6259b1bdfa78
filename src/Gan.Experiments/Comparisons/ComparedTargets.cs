namespace Gan.Experiments;

/// <summary>What a comparison is of: runs, sweeps and experiments by their names.</summary>
public static class ComparedTargets
{
    /// <summary>
    /// The runs that some names stand for: a run, the trials of a sweep, or the runs of an experiment, without repetition.
    /// </summary>
    /// <param name="place">The store.</param>
    /// <param name="names">Ids, beginnings of ids, names of runs and sweeps, names of experiments.</param>
    /// <exception cref="UserException">A name stands for nothing.</exception>
    public static IReadOnlyList<FoundRun> Find(string place, IReadOnlyList<string> names)
    {
        var all = RunIndex.List(place, RunQuery.All);
        return [.. names.SelectMany(name => Find(place, name, all)).DistinctBy(run => run.RunId)];
    }

    /// <summary>The metric of the first sweep among some names; null where there is none.</summary>
    public static SweepMetric? MetricOf(string place, IReadOnlyList<string> names)
    {
        var all = RunIndex.List(place, RunQuery.All);
        var found = names
            .Where(name => all.All(run => run.Experiment != name))
            .Select(name => RunIndex.Find(place, name, all));
        foreach (var run in found.Where(run => FoundSweep.Of(run) is not null))
            if (RunIndex.Values(run).Tags.GetValueOrDefault(FoundSweep.MetricTag)?.Split(' ') is [var metric, var goal])
                return new SweepMetric(metric, goal == "maximize");
        return null;
    }

    static IEnumerable<FoundRun> Find(string place, string name, IReadOnlyList<FoundRun> all)
    {
        var ofExperiment = all.Where(run => run.Experiment == name && FoundSweep.Of(run) is null).Reverse().ToArray();
        if (ofExperiment.Length > 0)
            return ofExperiment;
        var found = RunIndex.Find(place, name, all);
        return FoundSweep.Of(found) is { } sweep ? sweep.ReadRuns() : [found];
    }
}
