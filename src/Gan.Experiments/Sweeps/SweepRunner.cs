namespace Gan.Experiments;

/// <summary>How a sweep is run.</summary>
/// <param name="Workers">How many trials at once.</param>
/// <param name="Host">Where they are worked on.</param>
/// <param name="Retry">Failed trials are run again.</param>
public sealed record SweepOptions(int Workers, ITrialHost Host, bool Retry);

/// <summary>Is told how a sweep stands.</summary>
public interface ISweepObserver
{
    /// <summary>The sweep begins, or goes on; so many of its trials have ended before.</summary>
    void Began(FoundSweep sweep, SweepHistory history);

    /// <summary>Something changed.</summary>
    void Changed(SweepHistory history, IReadOnlyList<RunningTrial> running);

    /// <summary>A trial ended, or came to a rung.</summary>
    void OnTrial(TrialStanding trial);

    /// <summary>Something that the user should know.</summary>
    void Noted(string sentence);
}

/// <summary>How a sweep ended.</summary>
/// <param name="Sweep">The sweep.</param>
/// <param name="History">Its trials, but for those whose runs were removed.</param>
/// <param name="Complete">False where it was interrupted; the same command goes on with it.</param>
/// <param name="Report">The HTML page of its runs; null where none has come to anything yet.</param>
public sealed record SweepOutcome(FoundSweep Sweep, SweepHistory History, bool Complete, string? Report);

/// <summary>
/// Runs a sweep: a run of its own, with a child per trial. Every decision is in its ledger before it is acted on, so that
/// a sweep killed at any moment goes on where it was.
/// </summary>
public sealed class SweepRunner(SweepSpec spec, SweepOptions options, ISweepObserver observer)
{
    /// <summary>Runs the sweep to its end, or until it is canceled.</summary>
    /// <exception cref="UserException">Another process runs it, or the store cannot be used.</exception>
    public SweepOutcome Run(CancellationToken cancellation)
    {
        var place =
            spec.Base.Tracking.Store
            ?? throw new UserException("A sweep is kept in a store; its spec says tracking: none.");
        var store = RunStores.Open(place);
        // Found or made by one process at a time, so that the same command given twice at once makes one sweep.
        var folder = store.FolderOf(spec.Base.Experiment, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Path)!);
        using var turn =
            RunClaim.TryLock(Path.Combine(Path.GetDirectoryName(folder.Path)!, $"sweep-{spec.Hash[..16]}.lock"))
            ?? throw new UserException("This sweep is being run by another process; wait for it, or stop it first.");
        var known = FoundSweep.Find(store, spec);
        folder = known?.Folder ?? folder;
        var sweep = new FoundSweep(folder, store.Place);
        if (known is null && FoundSweep.FindOther(store, spec) is { } other)
            observer.Noted(
                $"The sweep or its experiment has changed since {other.Folder.ShortId} of {other.Start.ToLocalTime():yyyy-MM-dd HH:mm}; this is a new sweep."
            );
        if (known is null)
            Prepare(sweep);
        using var ledger = SweepLedger.Open(sweep.Ledger);
        var targets = ExperimentRunner.Targets(folder, store, spec.Base.Tracking.Server, [], observer.Noted);
        using var claim = RunClaim.Take(folder, fromLiving: false, cancellation);
        using var tracker = RunTracker.Open(
            folder,
            targets,
            known is null
                ? [RunTracker.Started(folder.RunId, spec.Name, spec.Base.Experiment), .. First()]
                : [new JournalRecord.Status(RunStatus.Running, RunTracker.Now)],
            compareFrom: null,
            claim
        );
        ledger.Add(new SweepEvent.Begun(Threads()));
        observer.Began(sweep, ledger.History);
        var work = new SweepWork(spec, options, observer, sweep, ledger, tracker);
        try
        {
            if (options.Retry)
                work.Reopen();
            work.Run(cancellation);
        }
        catch
        {
            work.Stop();
            tracker.End(RunStatus.Failed, _ => { });
            throw;
        }
        work.Stop();
        var complete = ledger.History.Ended == ledger.History.Trials.Count && !cancellation.IsCancellationRequested;
        // The report is of runs that are all written down, and is written down itself.
        var report = complete ? Report(sweep) : null;
        tracker.End(complete ? RunStatus.Finished : RunStatus.Killed, _ => { });
        if (tracker.Note is { Length: > 0 } untold)
            observer.Noted(untold);
        return new SweepOutcome(sweep, sweep.ReadKept(), complete, report);
    }

    string? Report(FoundSweep sweep)
    {
        var runs = sweep.ReadRuns();
        if (runs.Count == 0)
            return null;
        var file = Path.Combine(sweep.Folder.Artifacts, "report.html");
        try
        {
            HtmlReport.Write(file, GroupedRuns.Of(spec.Name, runs), spec.Metric, $"gan report {sweep.Folder.ShortId}");
            return file;
        }
        catch (Exception failure) when (failure is UserException or IOException or UnauthorizedAccessException)
        {
            observer.Noted($"The report could not be written: {failure.Message}");
            return null;
        }
    }

    // More threads than processors share nothing but time.
    int Threads() =>
        spec.Base.Threads > 0
            ? spec.Base.Threads
            : Math.Clamp(Environment.ProcessorCount / options.Workers, 1, ThreadChoice.For(spec.Base));

    void Prepare(FoundSweep sweep)
    {
        sweep.Folder.Create();
        Directory.CreateDirectory(sweep.Tickets);
        File.Copy(spec.BaseFile, sweep.Spec, overwrite: true);
        Extensions.KeepBeside(sweep.Spec, spec.Base.Extensions);
        AtomicFile.WriteText(
            Path.Combine(sweep.Folder.Artifacts, "sweep.json"),
            spec.Canonical.ToJsonString(new JsonSerializerOptions { WriteIndented = true })
        );
    }

    IEnumerable<JournalRecord> First()
    {
        var tags = new Dictionary<string, string>(MachineFacts.Tags())
        {
            [FoundSweep.HashTag] = spec.Hash,
            [FoundSweep.MetricTag] = $"{spec.Metric.Name} {(spec.Metric.Maximize ? "maximize" : "minimize")}",
        };
        if (spec.Notes.Length > 0)
            tags["mlflow.note.content"] = spec.Notes;
        return [new JournalRecord.Parameters(spec.Base.Parameters), new JournalRecord.Tags(tags)];
    }
}
