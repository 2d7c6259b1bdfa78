namespace Gan.Experiments;

/// <summary>What a trial's run says of itself.</summary>
/// <param name="Status">Its status; null where it never began.</param>
/// <param name="Value">The latest value of the sweep's metric; NaN for none.</param>
/// <param name="Divergence">What diverged; null where nothing did.</param>
internal sealed record TrialResult(RunStatus? Status, double Value, string? Divergence);

/// <summary>A sweep as a store has it: a run, whose children are the trials.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Store">The store.</param>
public sealed record FoundSweep(RunFolder Folder, string Store)
{
    internal const string HashTag = "gan.sweep_hash";
    internal const string MetricTag = "gan.sweep_metric";

    /// <summary>The file of all its events.</summary>
    public string Ledger => Path.Combine(Folder.Artifacts, "sweep.jsonl");

    /// <summary>The experiment that it varies, as it was when it began.</summary>
    public string Spec => Path.Combine(Folder.Artifacts, "base.yaml");

    internal string Tickets => Path.Combine(Folder.Path, "tickets");

    /// <summary>The sweep of a spec that a store has, the latest that was not removed; null for none.</summary>
    /// <exception cref="UserException">Its folder is gone.</exception>
    public static FoundSweep? Find(IRunStore store, SweepSpec spec)
    {
        if (Latest(store, spec, "=") is not { } run)
            return null;
        return Directory.Exists(run.Folder.Artifacts)
            ? new FoundSweep(run.Folder, store.Place)
            : throw new UserException(
                $"The sweep {run.Folder.ShortId} is in '{store.Place}', but its folder '{run.Folder.Path}' is gone; bring it back where it was, or begin the sweep anew after: gan runs rm {run.Folder.ShortId}"
            );
    }

    /// <summary>The latest sweep of the same name from another file, or of another experiment; null for none.</summary>
    public static FoundRun? FindOther(IRunStore store, SweepSpec spec) => Latest(store, spec, "!=");

    static FoundRun? Latest(IRunStore store, SweepSpec spec, string comparison)
    {
        var query = RunQuery.All with
        {
            Experiment = spec.Base.Experiment,
            Filter = new RunFilter([
                new(new RunKey(RunEntity.Attribute, "run_name"), "=", spec.Name, null),
                new(new RunKey(RunEntity.Tag, HashTag), comparison, spec.Hash, null),
            ]),
            Limit = 1,
        };
        return store.Search(query).FirstOrDefault();
    }

    /// <summary>The sweep that a run is; null where it is none.</summary>
    public static FoundSweep? Of(FoundRun run)
    {
        var sweep = new FoundSweep(run.Folder, run.Store);
        return File.Exists(sweep.Ledger) ? sweep : null;
    }

    /// <summary>All that happened in it.</summary>
    public SweepHistory History => SweepLedger.Read(Ledger);

    /// <summary>All that happened in it, without the trials whose runs were removed.</summary>
    public SweepHistory ReadKept()
    {
        var removed = RunIndex.List(Store, RunQuery.All with { Deleted = true }).Select(run => run.RunId).ToHashSet();
        var history = History;
        return history with { Trials = [.. history.Trials.Where(standing => !removed.Contains(standing.Trial.RunId))] };
    }

    /// <summary>The runs of its trials that have begun, in their order.</summary>
    public IReadOnlyList<FoundRun> ReadRuns()
    {
        var byId = RunIndex.List(Store, RunQuery.All).ToDictionary(run => run.RunId);
        return [.. History.Trials.Select(standing => byId.GetValueOrDefault(standing.Trial.RunId)).OfType<FoundRun>()];
    }

    /// <summary>The folder of a trial's run.</summary>
    public RunFolder FolderOf(string runId) => new(runId, Path.Combine(Path.GetDirectoryName(Folder.Path)!, runId));

    /// <summary>What a trial's run has said of itself since its journal had a length.</summary>
    internal TrialResult ResultOf(string runId, string metric, long since)
    {
        var result = new TrialResult(null, double.NaN, null);
        foreach (var (record, end) in Journal.Read(FolderOf(runId).Journal, 0))
            result = record switch
            {
                JournalRecord.Status status when end > since => result with { Status = status.Value },
                JournalRecord.Metrics metrics when metrics.Values.TryGetValue(metric, out var value) => result with
                {
                    Value = value,
                },
                JournalRecord.Tags tags when tags.Values.TryGetValue(Divergence.Tag, out var what) => result with
                {
                    Divergence = what,
                },
                _ => result,
            };
        return result;
    }
}
