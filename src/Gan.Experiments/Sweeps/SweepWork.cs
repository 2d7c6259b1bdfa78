using System.Diagnostics;

namespace Gan.Experiments;

/// <summary>
/// Works on a sweep's trials: starts those that the planner names, judges those that end. Every decision is in the
/// ledger before it is acted on.
/// </summary>
internal sealed class SweepWork(
    SweepSpec spec,
    SweepOptions options,
    ISweepObserver observer,
    FoundSweep sweep,
    SweepLedger ledger,
    RunTracker tracker
)
{
    const int MostKills = 3;
    static readonly TimeSpan LongStop = TimeSpan.FromSeconds(10);

    readonly SweepPlanner planner = new(spec, sweep.Folder.RunId);
    readonly Dictionary<int, RunningTrial> running = [];
    readonly Dictionary<int, int> kills = [];

    // The length of a trial's journal when it was started here: what it says behind that is new. And the step that it
    // would have gone on from.
    readonly Dictionary<int, (long Length, long Step)> starts = [];
    readonly AutoResetEvent changed = new(false);
    long shown;

    /// <summary>Works on trials until there are no more, or it is canceled; those that run then go on running.</summary>
    public void Run(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            tracker.RequireClaim();
            Collect();
            if (running.Count >= options.Workers)
            {
                Wait(cancellation);
                continue;
            }
            var worked = ledger.History.Worked + RunTracker.Now - ledger.History.Last;
            var overtime = spec.Minutes is { } minutes && worked > minutes * 60_000;
            switch (planner.Next(ledger.History, running.Keys.ToHashSet(), overtime))
            {
                case SweepStep.Decide decided:
                    ledger.Add(decided.Event);
                    break;
                case SweepStep.Run run:
                    Start(run.Trial);
                    if (!running.ContainsKey(run.Trial.Trial.Index))
                        Tell(run.Trial.Trial.Index);
                    break;
                case SweepStep.Wait:
                    Wait(cancellation);
                    break;
                default:
                    StopPaused();
                    return;
            }
        }
    }

    void Wait(CancellationToken cancellation)
    {
        options.Host.Flush();
        WaitHandle.WaitAny([changed, cancellation.WaitHandle], TimeSpan.FromSeconds(1));
        if (Environment.TickCount64 - shown < 100)
            return;
        shown = Environment.TickCount64;
        observer.Changed(ledger.History, [.. running.Values]);
    }

    void Start(TrialStanding standing)
    {
        var trial = standing.Trial;
        var folder = sweep.FolderOf(trial.RunId);
        if (Journal.LastStatus(folder.Journal, 0) == RunStatus.Finished)
        {
            // It ended while nobody looked.
            starts[trial.Index] = (0, 0);
            Settle(trial, new TrialExit(0, ""));
            return;
        }
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
            End(trial, TrialState.Refused, double.NaN, wrong.Message);
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
            planner.StepsTo(RungOf(standing))
        ).Write(ticket);
        starts[trial.Index] = (Journal.WholeLength(folder.Journal), folder.SavedStep);
        running[trial.Index] = options.Host.Start(trial, folder, ticket, () => changed.Set());
    }

    // A trial that has come to no rung is on its way to its first.
    int RungOf(TrialStanding standing) => Math.Max(standing.Rung, planner.FirstRung(standing.Trial));

    void Collect()
    {
        foreach (var (index, process) in running.ToArray())
        {
            if (process.Exit is not { } exit)
                continue;
            running.Remove(index);
            process.Dispose();
            Settle(process.Trial, exit);
            Tell(index);
        }
    }

    void Tell(int index)
    {
        var standing = ledger.History.Trials[index];
        if (standing.HasEnded || standing.State == TrialState.Paused)
            observer.OnTrial(standing);
        if (standing.HasEnded)
            Log(ledger.History);
    }

    // What a run says of itself counts, not how its process ended.
    void Settle(SweepTrial trial, TrialExit exit)
    {
        var result = sweep.ResultOf(trial.RunId, spec.Metric.Name, starts[trial.Index].Length);
        switch (result.Status)
        {
            case RunStatus.Finished:
                var why = double.IsNaN(result.Value) ? $"The run has no value of the metric '{spec.Metric.Name}'." : "";
                End(trial, TrialState.Finished, result.Value, why);
                break;
            case RunStatus.Scheduled:
                var rung = RungOf(ledger.History.Trials[trial.Index]);
                ledger.Add(new SweepEvent.Paused(trial.Index, rung, result.Value));
                break;
            case RunStatus.Failed when result.Divergence is { } divergence:
                End(trial, TrialState.Diverged, double.NaN, divergence);
                break;
            case RunStatus.Killed when exit.Canceled:
                End(trial, TrialState.Failed, double.NaN, "Its job was canceled; --retry goes on with it.");
                break;
            case RunStatus.Killed when sweep.FolderOf(trial.RunId).SavedStep > starts[trial.Index].Step:
                // It was asked to stop, at a time limit perhaps, and goes on from there.
                kills.Remove(trial.Index);
                break;
            default:
                var stopped = result.Status == RunStatus.Killed || exit.Code > 128;
                if (stopped && (kills[trial.Index] = kills.GetValueOrDefault(trial.Index) + 1) < MostKills)
                    break;
                var failure = exit.Error.Length > 0 ? exit.Error : $"Its process ended with exit code {exit.Code}.";
                End(trial, TrialState.Failed, double.NaN, failure);
                break;
        }
    }

    void End(SweepTrial trial, TrialState state, double value, string note) =>
        ledger.Add(new SweepEvent.Ended(trial.Index, state, value, note));

    void StopPaused()
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
            End(standing.Trial, TrialState.Stopped, double.NaN, note);
            stopped.Add(sweep.FolderOf(standing.Trial.RunId));
        }
        if (spec.Base.Tracking.Server is not null && stopped.Count > 0)
            foreach (var trouble in RunSync.Tell(sweep.Store, stopped).Troubles)
                observer.Noted($"{trouble} Go on with: gan sync");
    }

    /// <summary>Failed trials are to be run again.</summary>
    public void Reopen()
    {
        foreach (var standing in ledger.History.Trials.Where(trial => trial.State == TrialState.Failed))
            ledger.Add(new SweepEvent.Promoted(standing.Trial.Index, standing.Rung));
    }

    /// <summary>Stops the trials that run, and waits until they have saved their state.</summary>
    public void Stop()
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

    void Log(SweepHistory history)
    {
        var values = new Dictionary<string, double> { ["sweep/ended"] = history.Ended };
        var best = history.Trials.Where(trial => trial.State == TrialState.Finished).ToArray();
        if (best.Length > 0)
            values["sweep/best"] = best.MaxBy(trial => spec.Metric.Score(trial.Value))!.Value;
        tracker.Log(history.Ended, values);
    }
}
