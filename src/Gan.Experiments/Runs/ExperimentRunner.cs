using System.Diagnostics;

namespace Gan.Experiments;

/// <summary>Runs experiments: from the start, from where one stopped, or from what another has learned.</summary>
public static class ExperimentRunner
{
    static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>Runs an experiment from its first step.</summary>
    /// <param name="spec">The experiment.</param>
    /// <param name="start">How it begins, and where it pauses.</param>
    /// <param name="observer">Is told what happens.</param>
    /// <param name="cancellation">Stops the run after a step; it can be resumed.</param>
    public static RunOutcome Train(
        ExperimentSpec spec,
        RunStart start,
        IRunObserver observer,
        CancellationToken cancellation
    )
    {
        spec = Prepare(spec);
        var data = spec.Data.Open();
        if (spec.Tracking.Store is not { } place)
            return Run(new RunPlan(spec, data, Begin, start.Until), Begin(), observer, cancellation);
        var store = RunStores.Open(place);
        var folder = store.FolderOf(spec.Experiment, start.RunId);
        folder.Create();
        Extensions.KeepBeside(folder.Spec, spec.Extensions);
        AtomicFile.WriteText(folder.Spec, spec.Canonical.ToJsonString(Readable));
        var state = Begin();
        using var claim = RunClaim.Take(folder, fromLiving: false, cancellation);
        using var tracker = RunTracker.Open(
            folder,
            Targets(folder, store, spec.Tracking.Server, start.Targets, Warn(observer)),
            [RunTracker.Started(folder.RunId, spec.Name, spec.Experiment), .. First(spec, data, start)],
            compareFrom: null,
            claim
        );
        var fingerprints = new FingerprintLog(folder.Fingerprints, compareAfter: 0, keepUpTo: 0);
        var plan = new RunPlan(spec, data, Begin, start.Until, folder, store.Place, tracker, fingerprints);
        return Run(plan, state, observer, cancellation);

        RunState Begin() => FirstState(spec, data, start.Pretrained);
    }

    /// <summary>Goes on with a run from its last checkpoint, as if it had never stopped.</summary>
    /// <param name="run">The run.</param>
    /// <param name="spec">The experiment: the run's own, or one that can change no weight differently.</param>
    /// <param name="how">Who is told of it, and where it pauses again.</param>
    /// <param name="observer">Is told what happens.</param>
    /// <param name="cancellation">Stops the run after a step; it can be resumed again.</param>
    public static RunOutcome Resume(
        FoundRun run,
        ExperimentSpec spec,
        RunContinuation how,
        IRunObserver observer,
        CancellationToken cancellation
    )
    {
        run.RequireContinuable(spec);
        spec = Prepare(spec);
        var data = spec.Data.Open();
        var folder = run.Folder;
        folder.Create();
        var own = run.ReadSpec([]);
        if (JsonNode.DeepEquals(own.Canonical["data"], spec.Canonical["data"]))
            RequireSameData(folder, data);
        // Changes that were named make other numbers from here on, and so does another evaluation.
        var sameNumbers =
            own.DynamicsHash == spec.DynamicsHash
            && JsonNode.DeepEquals(own.Canonical["evaluation"], spec.Canonical["evaluation"]);
        // Whoever had the run saves nothing more from here on.
        using var claim = RunClaim.Take(folder, how.FromLiving, cancellation);
        var last = new CheckpointStore(folder.Checkpoints, spec.Checkpoints.Keep).FindLatest();
        if (last is not null && last.Engine != MachineFacts.Engine)
            throw new UserException(
                $"The run {folder.ShortId} was trained with {last.Engine}, and this is {MachineFacts.Engine}, whose kernels give other bits: it cannot go on as if it had never stopped. Start a run from its weights: gan train SPEC --pretrained {folder.ShortId}"
            );
        var state = Begin();
        using var tracker = RunTracker.Open(
            folder,
            Targets(folder, RunStores.Open(run.Store), spec.Tracking.Server, how.Targets, Warn(observer)),
            [new JournalRecord.Status(RunStatus.Running, RunTracker.Now)],
            sameNumbers ? state.JournalPosition : null,
            claim
        );
        AtomicFile.Tidy(folder.Path);
        tracker.Tag(Facts(spec));
        if (!sameNumbers)
            tracker.Tag(RunTracker.ChangedTag, $"step {state.Game.Step}");
        if (ComparedRun.Changes(folder, spec) is { Count: > 0 } changes)
            tracker.Tag(ComparedRun.ChangesTag, JsonSerializer.Serialize(changes));
        if (tracker.Damage is { } damage)
            observer.On(new RunEvent.Warning(damage));
        AtomicFile.WriteText(folder.Spec, spec.Canonical.ToJsonString(Readable));
        var fingerprints = new FingerprintLog(
            folder.Fingerprints,
            compareAfter: state.Game.Step,
            keepUpTo: sameNumbers ? long.MaxValue : state.Game.Step
        );
        var plan = new RunPlan(spec, data, Begin, how.Until, folder, run.Store, tracker, fingerprints)
        {
            Logged = LoggedUpTo(folder, state.Game.Step),
        };
        return Run(plan, state, observer, cancellation);

        RunState Begin() =>
            last is null ? FirstState(spec, data, run.Pretrained) : CheckpointStore.Load(spec.Game, last.File);
    }

    static RunState FirstState(ExperimentSpec spec, IDataset data, string? pretrained)
    {
        var drawn = new Stepper(spec, data).Start();
        return pretrained is null ? drawn : drawn with { Game = Pretrained.Apply(spec.Game, drawn.Game, pretrained) };
    }

    internal static IReadOnlyList<ITrackingTarget> Targets(
        RunFolder folder,
        IRunStore store,
        string? address,
        IReadOnlyList<ITrackingTarget> more,
        Action<string> untold
    )
    {
        if (address is null)
            return [store, .. more];
        var server = new MlflowServer(address, ServerSettings.FromEnvironment());
        if (server.Greet(folder) is { } silence)
            untold(silence);
        return [store, server, .. more];
    }

    static Action<string> Warn(IRunObserver observer) => silence => observer.On(new RunEvent.Warning(silence));

    static IReadOnlyList<JournalRecord.Metrics> LoggedUpTo(RunFolder folder, long step) =>
        [.. Journal.Records<JournalRecord.Metrics>(folder.Journal).Where(metrics => metrics.Step <= step)];

    static void RequireSameData(RunFolder folder, IDataset data)
    {
        var before = Journal.Records<JournalRecord.Dataset>(folder.Journal).FirstOrDefault();
        if (before is not null && before.Digest != data.Digest)
            throw new UserException(
                $"The data of the run has changed: its digest was {before.Digest}, it is {data.Digest} now. Bring the data back, or start a run on the new data from the old weights: --pretrained {folder.ShortId}"
            );
    }

    static RunOutcome Run(RunPlan plan, RunState state, IRunObserver observer, CancellationToken cancellation)
    {
        using var log = plan.Folder is { } folder ? new RunLog(folder.Log, observer) : null;
        try
        {
            var told = log ?? observer;
            told.On(
                new RunEvent.Started(plan.Folder?.RunId ?? "", plan.Folder?.Path ?? "", plan.Spec, state.Game.Step)
            );
            var outcome = new RunLoop(plan, told).Run(state, cancellation);
            log?.Write(
                $"{outcome.Ending.ToString().ToLowerInvariant()} at step {outcome.Step}, state {outcome.StateHash}. {outcome.Note}"
            );
            if (plan.Folder is not null && RunTables.Write(plan.Folder) is { } table)
                plan.Tracker?.Tag("mlflow.loggedArtifacts", table);
            var clock = Stopwatch.StartNew();
            long? behind = null;
            plan.Tracker?.End(
                outcome.Ending switch
                {
                    RunEnding.Finished => RunStatus.Finished,
                    RunEnding.Interrupted => RunStatus.Killed,
                    RunEnding.Paused => RunStatus.Scheduled,
                    _ => RunStatus.Failed,
                },
                left => observer.On(new RunEvent.Draining(left, ToGo(left)))
            );
            if (behind is not null)
                observer.On(new RunEvent.DrainFinished(clock.Elapsed));
            return outcome with { Note = outcome.Note.Length > 0 ? outcome.Note : plan.Tracker?.Note ?? "" };

            TimeSpan? ToGo(long left)
            {
                var all = behind ??= left;
                return left < all ? clock.Elapsed * ((double)left / (all - left)) : null;
            }
        }
        catch (Exception failure)
        {
            var lost = plan.Tracker?.Lost();
            if (lost is null)
                log?.Write($"failed: {failure.Message}");
            EndAsFailed(plan.Tracker);
            // Whatever failed, the files are another process's now.
            if (lost is not null)
                throw new UserException(lost);
            throw;
        }
    }

    static void EndAsFailed(RunTracker? tracker)
    {
        try
        {
            tracker?.End(RunStatus.Failed, _ => { });
        }
        catch (IOException)
        {
            // The journal takes nothing more, on a full disk for instance. The failure that ended the run is told.
        }
    }

    internal static ExperimentSpec Prepare(ExperimentSpec spec)
    {
        Engine.Start();
        var prepared = (spec.Threads > 0 ? spec : spec.WithThreads(ThreadChoice.For(spec))).OnDevice();
        Engine.SetThreads(prepared.Threads);
        return prepared;
    }

    // What is run, and where: of a run that was gone on with, the latest.
    static Dictionary<string, string> Facts(ExperimentSpec spec)
    {
        var facts = new Dictionary<string, string>(MachineFacts.Tags())
        {
            ["gan.spec_hash"] = spec.SpecHash,
            ["gan.dynamics_hash"] = spec.DynamicsHash,
        };
        foreach (var extension in spec.Extensions)
            facts[$"gan.extension.{extension.Name}"] = extension.Sha256;
        return facts;
    }

    static IEnumerable<JournalRecord> First(ExperimentSpec spec, IDataset data, RunStart start)
    {
        var tags = new Dictionary<string, string>(Facts(spec).Concat(start.Tags)) { ["mlflow.loggedImages"] = "True" };
        if (start.Pretrained is { } pretrained)
            tags[FoundRun.PretrainedTag] = Path.GetFullPath(pretrained);
        if (spec.Notes.Length > 0)
            tags["mlflow.note.content"] = spec.Notes;
        yield return new JournalRecord.Parameters(spec.Parameters);
        yield return new JournalRecord.Tags(tags);
        yield return new JournalRecord.Dataset(
            spec.Data.Kind,
            data.Digest,
            data.Count is null ? "code" : "local",
            JsonSerializer.Serialize(new { uri = spec.Data.Source }),
            JsonSerializer.Serialize(new { num_rows = data.Count })
        );
    }
}
