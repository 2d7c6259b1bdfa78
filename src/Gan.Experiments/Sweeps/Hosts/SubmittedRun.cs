namespace Gan.Experiments;

/// <summary>A run to submit.</summary>
/// <param name="File">The experiment's file.</param>
/// <param name="Assignments">What is set anew in it.</param>
public sealed record Submission(string File, IReadOnlyList<string> Assignments)
{
    /// <summary>The run to go on with; null for a new one.</summary>
    public FoundRun? Resumed { get; init; }

    /// <summary>A checkpoint whose weights are the first ones of a new run; null for fresh weights.</summary>
    public string? Pretrained { get; init; }
}

/// <summary>One run as a job of a cluster, followed to its end.</summary>
public static class SubmittedRun
{
    const int MostTries = 3;

    /// <summary>
    /// Submits a run, waits for its end, and submits it again where it was stopped before: at its time limit, say, but not
    /// where its job was canceled. A job of the run that is in the queue already is followed.
    /// Canceled, it stops the job, which saves its state; it can be resumed.
    /// </summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="submission">What is submitted.</param>
    /// <param name="begun">Is told the run's folder, before it is submitted.</param>
    /// <param name="changed">Is told how it stands.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Its ending; null where it never began, or failed.</returns>
    /// <exception cref="UserException">It ended three times without a step that was saved.</exception>
    public static RunEnding? Follow(
        SlurmHost host,
        Submission submission,
        Action<RunFolder> begun,
        Action<RunningTrial> changed,
        CancellationToken cancellation
    )
    {
        var spec = ExperimentSpec.Load(submission.File, submission.Assignments);
        submission.Resumed?.RequireContinuable(spec);
        var folder = submission.Resumed?.Folder ?? NewFolder(spec);
        var jobs = Path.Combine(Path.GetDirectoryName(folder.Path)!, "jobs", folder.RunId);
        var ticket = Path.Combine(Directory.CreateDirectory(Path.Combine(jobs, "tickets")).FullName, "0.json");
        var trial = new SweepTrial(0, 0, 0, "", new Dictionary<string, string>(), spec.Seed, folder.RunId);
        if (!host.Has(trial, ticket))
        {
            if (Journal.LastStatus(folder.Journal, 0) == RunStatus.Finished && folder.SavedStep >= spec.Steps)
                return RunEnding.Finished;
            Prepare(submission, folder, jobs, ticket);
        }
        else if (submission.Assignments.Count > 0)
            throw new UserException(
                $"A job of the run {folder.ShortId} is in the queue, without these values. Wait for it, or cancel it (scancel --name=gan-{folder.ShortId}-0); without --set it is followed."
            );
        begun(folder);
        for (var tries = 0; ; )
        {
            var (from, since) = (folder.SavedStep, Journal.WholeLength(folder.Journal));
            var exit = Wait();
            var status = Journal.LastStatus(folder.Journal, since);
            if (
                status is RunStatus.Finished or RunStatus.Failed
                || cancellation.IsCancellationRequested
                || exit.Canceled
            )
                return EndingOf(folder, status);
            if (folder.SavedStep > from)
                tries = 0;
            else if (++tries == MostTries)
                throw new UserException(
                    $"The job ended {MostTries} times without a step that was saved. {exit.Error} Its log is in '{Path.Combine(jobs, "tickets", "logs")}'."
                );
        }

        TrialExit Wait()
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

    // All that the job needs, and what can be seen to be wrong now.
    static void Prepare(Submission submission, RunFolder folder, string jobs, string ticket)
    {
        if (submission.Resumed is not null)
            RunClaim.Lock(folder, RunClaim.Patience).Dispose();
        var spec = Path.Combine(jobs, Path.GetFileName(submission.File));
        AtomicFile.WriteText(spec, File.ReadAllText(submission.File));
        Extensions.KeepBeside(spec, ExperimentSpec.Load(submission.File, submission.Assignments).Extensions);
        string? pretrained = null;
        // Its own run may take another checkpoint in its place before the job begins.
        if (submission.Pretrained is { } checkpoint)
            File.Copy(checkpoint, pretrained = Path.Combine(jobs, "pretrained.safetensors"), overwrite: true);
        new TrialTicket(spec, submission.Assignments, folder.RunId, null, 0, "", long.MaxValue)
        {
            Pretrained = pretrained,
            Store = submission.Resumed?.Store,
            Folder = submission.Resumed?.Folder.Path,
        }.Write(ticket);
    }

    static RunFolder NewFolder(ExperimentSpec spec)
    {
        var place =
            spec.Tracking.Store
            ?? throw new UserException("A submitted run is kept in a store; its spec says tracking: none.");
        using var store = RunStores.Open(place);
        return store.FolderOf(spec.Experiment, Guid.NewGuid().ToString("N"));
    }

    static RunEnding? EndingOf(RunFolder folder, RunStatus? status) =>
        status switch
        {
            RunStatus.Finished => RunEnding.Finished,
            RunStatus.Killed => RunEnding.Interrupted,
            RunStatus.Failed when Divergence.IsTold(folder) => RunEnding.Diverged,
            _ => null,
        };
}
