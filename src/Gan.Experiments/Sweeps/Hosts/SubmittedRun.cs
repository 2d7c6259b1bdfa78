namespace Gan.Experiments;

/// <summary>One run as a job of a cluster, followed to its end.</summary>
public static class SubmittedRun
{
    const int MostTries = 3;

    /// <summary>
    /// Submits an experiment, waits for its end, and submits it again where it was stopped before: at its time limit, say,
    /// but not where its job was cancelled.
    /// Cancelled, it stops the job, which saves its state; <c>gan train --resume</c> goes on with it.
    /// </summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="file">The experiment's file.</param>
    /// <param name="assignments">What is set anew in it.</param>
    /// <param name="begun">Is told the run's folder, before it is submitted.</param>
    /// <param name="changed">Is told how it stands.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Its ending; null where it never began, or failed.</returns>
    /// <exception cref="UserException">It ended three times without a step that was saved.</exception>
    public static RunEnding? Follow(
        ITrialHost host,
        string file,
        IReadOnlyList<string> assignments,
        Action<RunFolder> begun,
        Action<IRunningTrial> changed,
        CancellationToken cancellation
    )
    {
        var spec = ExperimentSpec.Load(file, assignments);
        var place =
            spec.Tracking.Store
            ?? throw new UserException("A submitted run is kept in a store; its spec says tracking: none.");
        RunFolder folder;
        using (var store = RunStores.Open(place))
            folder = store.FolderOf(spec.Experiment, Guid.NewGuid().ToString("N"));
        var jobs = Path.Combine(Path.GetDirectoryName(folder.Path)!, "jobs", folder.RunId);
        var ticket = Path.Combine(Directory.CreateDirectory(Path.Combine(jobs, "tickets")).FullName, "0.json");
        var copy = Path.Combine(jobs, Path.GetFileName(file));
        File.Copy(file, copy, overwrite: true);
        new TrialTicket(copy, assignments, folder.RunId, null, 0, "", long.MaxValue).Write(ticket);
        begun(folder);
        var trial = new SweepTrial(0, 0, 0, "", new Dictionary<string, string>(), spec.Seed, folder.RunId);
        for (var tries = 0; ; )
        {
            var (from, since) = (folder.SavedStep, Journal.WholeLength(folder.Journal));
            var exit = Wait(host, trial, folder, ticket, changed, cancellation);
            var status = Journal.LastStatus(folder.Journal, since);
            if (
                status is RunStatus.Finished or RunStatus.Failed
                || cancellation.IsCancellationRequested
                || exit.Cancelled
            )
                return EndingOf(folder, status);
            if (folder.SavedStep > from)
                tries = 0;
            else if (++tries == MostTries)
                throw new UserException(
                    $"The job ended {MostTries} times without a step that was saved. {exit.Error} Its log is in '{Path.Combine(jobs, "tickets", "logs")}'."
                );
        }
    }

    static RunEnding? EndingOf(RunFolder folder, RunStatus? status) =>
        status switch
        {
            RunStatus.Finished => RunEnding.Finished,
            RunStatus.Killed => RunEnding.Interrupted,
            RunStatus.Failed when Divergence.IsTold(folder) => RunEnding.Diverged,
            _ => null,
        };

    static TrialExit Wait(
        ITrialHost host,
        SweepTrial trial,
        RunFolder folder,
        string ticket,
        Action<IRunningTrial> changed,
        CancellationToken cancellation
    )
    {
        using var happened = new AutoResetEvent(false);
        using var running = host.Start(trial, folder, ticket, () => happened.Set());
        host.Flush();
        var stopped = false;
        while (running.Exit is null)
        {
            WaitHandle.WaitAny(stopped ? [happened] : [happened, cancellation.WaitHandle], TimeSpan.FromSeconds(1));
            changed(running);
            if (cancellation.IsCancellationRequested && !stopped)
                running.Stop();
            stopped = cancellation.IsCancellationRequested;
        }
        return running.Exit;
    }
}
