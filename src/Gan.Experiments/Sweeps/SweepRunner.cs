using System.Diagnostics;
using System.Text.Json;

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
    void Changed(SweepHistory history, IReadOnlyList<IRunningTrial> running);

    /// <summary>A trial ended, or came to a rung.</summary>
    void Told(TrialStanding trial);

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
    const int MostKills = 3;
    static readonly TimeSpan LongStop = TimeSpan.FromSeconds(10);

    readonly Dictionary<int, IRunningTrial> running = [];
    readonly Dictionary<int, int> kills = [];

    // The length of a trial's journal when it was started here: what it says behind that is new. And the step that it
    // would have gone on from.
    readonly Dictionary<int, (long Length, long Step)> starts = [];
    readonly AutoResetEvent changed = new(false);
    long shown;

    /// <summary>Runs the sweep to its end, or until it is cancelled.</summary>
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
            RunTracker.TryLock(Path.Combine(Path.GetDirectoryName(folder.Path)!, $"sweep-{spec.Hash[..16]}.lock"))
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
        var targets = Laboratory.Targets(folder, store, spec.Base.Tracking.Server, observer.Noted);
        using var tracker = known is null
            ? RunTracker.Start(folder, targets, Started(folder), First())
            : RunTracker.Resume(folder, targets, null);
        ledger.Add(new SweepEvent.Begun(Threads()));
        observer.Began(sweep, ledger.History);
        try
        {
            if (options.Retry)
                Reopen(ledger);
            Work(new SweepPlanner(spec, folder.RunId), sweep, ledger, tracker, cancellation);
        }
        catch
        {
            StopAll();
            tracker.End(RunStatus.Failed, _ => { });
            throw;
        }
        StopAll();
        var complete = ledger.History.Ended == ledger.History.Trials.Count && !cancellation.IsCancellationRequested;
        // The report is of runs that are all written down, and is written down itself.
        var report = complete ? Report(sweep) : null;
        tracker.End(complete ? RunStatus.Finished : RunStatus.Killed, _ => { });
        if (tracker.Note is { Length: > 0 } untold)
            observer.Noted(untold);
        return new SweepOutcome(sweep, sweep.Kept, complete, report);
    }

    string? Report(FoundSweep sweep)
    {
        var runs = sweep.Runs;
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

    void Work(
        SweepPlanner planner,
        FoundSweep sweep,
        SweepLedger ledger,
        RunTracker tracker,
        CancellationToken cancellation
    )
    {
        while (!cancellation.IsCancellationRequested)
        {
            Collect(planner, sweep, ledger, tracker);
            if (running.Count >= options.Workers)
            {
                Wait(ledger, cancellation);
                continue;
            }
            var worked = ledger.History.Worked + RunTracker.Now - ledger.History.Last;
            var overtime = spec.Minutes is { } minutes && worked > minutes * 60_000;
            switch (planner.Next(ledger.History, running.Keys.ToHashSet(), overtime))
            {
                case SweepStep.Create create:
                    ledger.Add(new SweepEvent.Created(create.Trial));
                    break;
                case SweepStep.Promote promote:
                    ledger.Add(new SweepEvent.Promoted(promote.Index, promote.Rung));
                    break;
                case SweepStep.Run run:
                    Start(planner, sweep, ledger, run.Trial);
                    if (!running.ContainsKey(run.Trial.Trial.Index))
                        Tell(ledger, run.Trial.Trial.Index, tracker);
                    break;
                case SweepStep.Wait:
                    Wait(ledger, cancellation);
                    break;
                default:
                    StopPaused(sweep, ledger);
                    return;
            }
        }
    }

    void Wait(SweepLedger ledger, CancellationToken cancellation)
    {
        options.Host.Flush();
        WaitHandle.WaitAny([changed, cancellation.WaitHandle], TimeSpan.FromSeconds(1));
        if (Environment.TickCount64 - shown < 100)
            return;
        shown = Environment.TickCount64;
        observer.Changed(ledger.History, [.. running.Values]);
    }

    void Start(SweepPlanner planner, FoundSweep sweep, SweepLedger ledger, TrialStanding standing)
    {
        var trial = standing.Trial;
        var folder = sweep.FolderOf(trial.RunId);
        if (Journal.LastStatus(folder.Journal, 0) == RunStatus.Finished)
        {
            // It ended while nobody looked.
            starts[trial.Index] = (0, 0);
            Judge(planner, sweep, ledger, trial, new TrialExit(0, ""));
            return;
        }
        var rung = Math.Max(standing.Rung, planner.FirstRung(trial));
        string[] assignments =
        [
            .. spec.Fixed,
            $"threads={ledger.History.Threads}",
            $"name={YamlText.Quoted($"{spec.Name}-{trial.Index}")}",
            .. trial.ToAssignments(),
        ];
        try
        {
            ExperimentSpec.Load(sweep.Spec, assignments);
        }
        catch (SpecException wrong)
        {
            End(ledger, trial, TrialState.Refused, double.NaN, wrong.Message);
            return;
        }
        var ticket = Path.Combine(sweep.Tickets, $"{trial.Index}.json");
        new TrialTicket(
            sweep.Spec,
            assignments,
            trial.RunId,
            sweep.Folder.RunId,
            trial.Index,
            trial.Phase,
            planner.StepsTo(rung)
        ).Write(ticket);
        starts[trial.Index] = (Journal.WholeLength(folder.Journal), folder.SavedStep);
        running[trial.Index] = options.Host.Start(trial, folder, ticket, () => changed.Set());
    }

    void Collect(SweepPlanner planner, FoundSweep sweep, SweepLedger ledger, RunTracker tracker)
    {
        foreach (var (index, process) in running.ToArray())
        {
            if (process.Exit is not { } exit)
                continue;
            running.Remove(index);
            process.Dispose();
            Judge(planner, sweep, ledger, process.Trial, exit);
            Tell(ledger, index, tracker);
        }
    }

    void Tell(SweepLedger ledger, int index, RunTracker tracker)
    {
        var standing = ledger.History.Trials[index];
        if (standing.HasEnded || standing.State == TrialState.Paused)
            observer.Told(standing);
        if (standing.HasEnded)
            Log(ledger.History, tracker);
    }

    // What a run says of itself counts, not how its process ended.
    void Judge(SweepPlanner planner, FoundSweep sweep, SweepLedger ledger, SweepTrial trial, TrialExit exit)
    {
        var result = sweep.ResultOf(trial.RunId, spec.Metric.Name, starts[trial.Index].Length);
        var standing = ledger.History.Trials[trial.Index];
        switch (result.Status)
        {
            case RunStatus.Finished:
                End(ledger, trial, TrialState.Finished, result.Value, Missing(result.Value));
                break;
            case RunStatus.Scheduled:
                ledger.Add(
                    new SweepEvent.Paused(trial.Index, Math.Max(standing.Rung, planner.FirstRung(trial)), result.Value)
                );
                break;
            case RunStatus.Failed when result.Divergence is { } divergence:
                End(ledger, trial, TrialState.Diverged, double.NaN, divergence);
                break;
            case RunStatus.Killed when exit.Cancelled:
                End(ledger, trial, TrialState.Failed, double.NaN, "Its job was cancelled; --retry goes on with it.");
                break;
            case RunStatus.Killed when sweep.FolderOf(trial.RunId).SavedStep > starts[trial.Index].Step:
                // It was asked to stop, at a time limit perhaps, and goes on from there.
                kills.Remove(trial.Index);
                break;
            default:
                var stopped = result.Status == RunStatus.Killed || exit.Code > 128;
                if (stopped && (kills[trial.Index] = kills.GetValueOrDefault(trial.Index) + 1) < MostKills)
                    break;
                End(ledger, trial, TrialState.Failed, double.NaN, Failure(exit));
                break;
        }
    }

    string Missing(double value) =>
        double.IsNaN(value) ? $"The run has no value of the metric '{spec.Metric.Name}'." : "";

    static string Failure(TrialExit exit) =>
        exit.Error.Length > 0 ? exit.Error : $"Its process ended with exit code {exit.Code}.";

    void End(SweepLedger ledger, SweepTrial trial, TrialState state, double value, string note) =>
        ledger.Add(new SweepEvent.Ended(trial.Index, state, value, note));

    void StopPaused(FoundSweep sweep, SweepLedger ledger)
    {
        var stopped = new List<RunFolder>();
        foreach (var standing in ledger.History.Trials.Where(trial => trial.State == TrialState.Paused))
        {
            var note = $"At rung {standing.Rung} when the sweep ended, without a place among the best.";
            RunSync.End(
                sweep.FolderOf(standing.Trial.RunId),
                sweep.Store,
                RunStatus.Killed,
                new Dictionary<string, string> { ["gan.stopped"] = note }
            );
            End(ledger, standing.Trial, TrialState.Stopped, double.NaN, note);
            stopped.Add(sweep.FolderOf(standing.Trial.RunId));
        }
        if (spec.Base.Tracking.Server is not null && stopped.Count > 0)
            foreach (var trouble in RunSync.Tell(sweep.Store, stopped).Troubles)
                observer.Noted($"{trouble} Go on with: gan sync");
    }

    void Reopen(SweepLedger ledger)
    {
        foreach (var standing in ledger.History.Trials.Where(trial => trial.State == TrialState.Failed))
            ledger.Add(new SweepEvent.Promoted(standing.Trial.Index, standing.Rung));
    }

    void StopAll()
    {
        foreach (var process in running.Values)
            process.Stop();
        var clock = Stopwatch.StartNew();
        var told = false;
        while (running.Values.Count(process => process.Exit is null) is var left and > 0)
        {
            changed.WaitOne(TimeSpan.FromSeconds(1));
            if (told || clock.Elapsed < LongStop)
                continue;
            told = true;
            observer.Noted(
                $"{left} runs have not saved their state yet. Interrupt again to leave at once; they end by themselves."
            );
        }
    }

    void Log(SweepHistory history, RunTracker tracker)
    {
        var values = new Dictionary<string, double> { ["sweep/ended"] = history.Ended };
        var best = history.Trials.Where(trial => trial.State == TrialState.Finished).ToArray();
        if (best.Length > 0)
            values["sweep/best"] = best.MaxBy(trial => spec.Metric.Score(trial.Value))!.Value;
        tracker.Log(history.Ended, values);
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
        AtomicFile.WriteText(
            Path.Combine(sweep.Folder.Artifacts, "sweep.json"),
            spec.Canonical.ToJsonString(new JsonSerializerOptions { WriteIndented = true })
        );
    }

    JournalRecord.Started Started(RunFolder folder) =>
        new(folder.RunId, spec.Name, spec.Base.Experiment, Environment.UserName, RunTracker.Now);

    IEnumerable<JournalRecord> First()
    {
        var tags = new Dictionary<string, string>(MachineFacts.Tags())
        {
            [FoundSweep.HashTag] = spec.Hash,
            [FoundSweep.MetricTag] = $"{spec.Metric.Name} {(spec.Metric.Maximize ? "maximize" : "minimize")}",
        };
        if (spec.Notes.Length > 0)
            tags["mlflow.note.content"] = spec.Notes;
        yield return new JournalRecord.Parameters(spec.Base.Parameters);
        yield return new JournalRecord.Tags(tags);
    }
}
