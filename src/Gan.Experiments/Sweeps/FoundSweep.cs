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
    public static FoundSweep? Find(IRunStore store, SweepSpec spec)
    {
        var hash = new RunCondition(new RunKey(RunEntity.Tag, HashTag), "=", spec.Hash, null);
        var query = RunQuery.All with { Experiment = spec.Base.Experiment, Filter = new RunFilter([hash]), Limit = 1 };
        return store.Search(query) is [var run] ? new FoundSweep(run.Folder, store.Place) : null;
    }

    /// <summary>The sweep that a run is; null where it is none.</summary>
    public static FoundSweep? Of(FoundRun run)
    {
        var sweep = new FoundSweep(run.Folder, run.Store);
        return File.Exists(sweep.Ledger) ? sweep : null;
    }

    /// <summary>All that happened in it.</summary>
    public SweepHistory History => SweepLedger.Read(Ledger);

    /// <summary>The runs of its trials that have begun, in their order.</summary>
    public IReadOnlyList<FoundRun> Runs
    {
        get
        {
            var byId = RunIndex.List(Store, RunQuery.All).ToDictionary(run => run.RunId);
            return
            [
                .. History
                    .Trials.Where(standing => byId.ContainsKey(standing.Trial.RunId))
                    .Select(standing => byId[standing.Trial.RunId]),
            ];
        }
    }

    /// <summary>The folder of a trial's run.</summary>
    public RunFolder FolderOf(string runId) => new(runId, Path.Combine(Path.GetDirectoryName(Folder.Path)!, runId));

    /// <summary>What a trial's run has said of itself since its journal had a length.</summary>
    internal TrialResult ResultOf(string runId, string metric, long since)
    {
        var journal = FolderOf(runId).Journal;
        return new TrialResult(
            Journal
                .Read(journal, since)
                .Select(entry => entry.Record)
                .OfType<JournalRecord.Status>()
                .LastOrDefault()
                ?.Value,
            Journal
                .Records<JournalRecord.Metrics>(journal)
                .Where(record => record.Values.ContainsKey(metric))
                .Select(record => record.Values[metric])
                .LastOrDefault(double.NaN),
            Journal
                .Records<JournalRecord.Tags>(journal)
                .Select(record => record.Values.GetValueOrDefault("gan.detected.divergence"))
                .LastOrDefault(found => found is not null)
        );
    }
}
