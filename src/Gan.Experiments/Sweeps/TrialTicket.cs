namespace Gan.Experiments;

/// <summary>
/// What a worker needs to run one trial, in a file: it starts the run, or goes on with it, whatever became of it before.
/// </summary>
/// <param name="Spec">The file of the experiment.</param>
/// <param name="Assignments">What is set anew in it.</param>
/// <param name="RunId">The run's id.</param>
/// <param name="Parent">The sweep's run; null for a run of its own.</param>
/// <param name="Trial">The trial's number.</param>
/// <param name="Phase">Its phase of the sweep; empty for a run of its own.</param>
/// <param name="Until">The step at which the run pauses; its last step or beyond for none.</param>
public sealed record TrialTicket(
    string Spec,
    IReadOnlyList<string> Assignments,
    string RunId,
    string? Parent,
    int Trial,
    string Phase,
    long Until
)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>A checkpoint whose weights are the run's first ones; null for fresh weights.</summary>
    public string? Pretrained { get; init; }

    /// <summary>The store of a run that is there already, and is gone on with; null for one that is made.</summary>
    public string? Store { get; init; }

    /// <summary>The folder of a run that is there already.</summary>
    public string? Folder { get; init; }

    /// <summary>Reads a ticket.</summary>
    /// <exception cref="UserException">The file is no ticket.</exception>
    public static TrialTicket Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<TrialTicket>(File.ReadAllText(file))!;
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            throw new UserException($"'{file}' is no ticket of a sweep: {failure.Message}");
        }
    }

    /// <summary>Writes the ticket.</summary>
    public void Write(string file) => AtomicFile.WriteText(file, JsonSerializer.Serialize(this));

    /// <summary>Runs the trial to its end or its pause. A run that has ended well is left as it is.</summary>
    /// <param name="observer">Is told what happens.</param>
    /// <param name="fromLiving">
    /// A copy of this worker that lives on, on a node that its cluster takes for dead, is told to leave the run.
    /// </param>
    /// <param name="cancellation">Stops the run after a step.</param>
    public RunOutcome Run(IRunObserver observer, bool fromLiving, CancellationToken cancellation)
    {
        var spec = ExperimentSpec.Load(Spec, Assignments);
        using var store = RunStores.Open(Store ?? spec.Tracking.Store!);
        var folder = Folder is null ? store.FolderOf(spec.Experiment, RunId) : new RunFolder(RunId, Folder);
        AwaitWriter(folder, cancellation);
        // A job that a cluster queued again, or twice, perhaps.
        if (
            Journal.LastStatus(folder.Journal, 0) == RunStatus.Finished
            && new CheckpointStore(folder.Checkpoints, 1).FindLatest() is { } last
            && last.Step >= spec.Steps
        )
            return new RunOutcome(
                RunEnding.Finished,
                RunId,
                folder.Path,
                store.Place,
                last.Step,
                last.StateHash,
                new Dictionary<string, double>(),
                ""
            );
        // A run that was killed before it had said what it is begins anew.
        if (
            Folder is null
            && (!File.Exists(folder.Spec) || !Journal.Records<JournalRecord.Dataset>(folder.Journal).Any())
        )
        {
            folder.Delete();
            return ExperimentRunner.Train(spec, Start(), observer, cancellation);
        }
        var run = new FoundRun(RunId, spec.Name, spec.Experiment, "", DateTimeOffset.UtcNow, null, folder, store.Place);
        // As many threads as before, whatever this machine has.
        if (spec.Threads == 0)
            spec = spec.WithThreads(run.ReadSpec([]).Threads);
        var how = new RunContinuation { Until = Until, FromLiving = fromLiving };
        return ExperimentRunner.Resume(run, spec, how, observer, cancellation);
    }

    RunStart Start()
    {
        var tags = new Dictionary<string, string>();
        if (Parent is { } parent)
            (tags[ComparedRun.ParentTag], tags["gan.trial"], tags[ComparedRun.PhaseTag]) = (parent, $"{Trial}", Phase);
        return new RunStart
        {
            RunId = RunId,
            Tags = tags,
            Until = Until,
            Pretrained = Pretrained,
        };
    }

    // A worker whose sweep was killed saves its state before it goes; this one waits for it.
    static void AwaitWriter(RunFolder folder, CancellationToken cancellation)
    {
        try
        {
            RunClaim.Wait(folder, Patience, cancellation)?.Dispose();
        }
        catch (DirectoryNotFoundException)
        {
            // Nobody writes a run without a folder.
        }
    }
}
