namespace Gan.Experiments;

/// <summary>
/// Writes a run down. The training thread appends to the journal and never waits for a store or a server: a thread for each
/// carries it there, and another makes it safe from power cuts every second.
/// </summary>
public sealed class RunTracker : IDisposable
{
    internal const string ChangedTag = "gan.changed_at";

    static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    readonly Journal journal;
    readonly Dictionary<long, Dictionary<string, double>> logged = [];
    readonly Lock gate = new();
    readonly IReadOnlyList<DrainThread> drains;
    readonly RunClaim claim;
    readonly Timer flushing;
    readonly long? compareFrom;
    SystemMonitor? monitor;
    long samples;
    IOException? flushFailure;
    bool ended;

    RunTracker(RunFolder folder, IReadOnlyList<ITrackingTarget> targets, long? compareFrom, RunClaim claim)
    {
        (this.compareFrom, this.claim) = (compareFrom, claim);
        if (claim.Inherited)
            Journal.Renew(folder.Journal);
        journal = Journal.Open(folder.Journal, ReadBefore);
        drains = [.. targets.Select(target => new DrainThread(target, folder, claim))];
        flushing = new Timer(_ => Flush(), null, FlushInterval, FlushInterval);
    }

    // What the journal has from before.
    void ReadBefore(JournalEntry entry)
    {
        // From there on the run went another way; what its steps gave before counts no more.
        if (entry.Record is JournalRecord.Tags tags && tags.Values.ContainsKey(ChangedTag))
            logged.Clear();
        if (entry.Record is not JournalRecord.Metrics metrics)
            return;
        if (IsOfSystem(metrics))
            samples = Math.Max(samples, metrics.Step + 1);
        else if (entry.End > compareFrom)
            metrics.AddTo(logged);
    }

    /// <summary>What was amiss with the journal when the run was gone on with, or null.</summary>
    public string? Damage => journal.Complaint;

    /// <summary>
    /// What the user should know of all this after the end: why a store or server last failed, or else what one would
    /// not take though it took the rest; empty for nothing.
    /// </summary>
    public string Note =>
        drains.Select(drain => drain.Trouble).OfType<string>().FirstOrDefault() is { } trouble
            ? $"Not everything is written down where it should be yet: {trouble} The run's journal has it, and gan sync carries it on."
            : drains.Select(drain => drain.Complaint).OfType<string>().FirstOrDefault() ?? "";

    /// <summary>The first record of a run that begins now.</summary>
    internal static JournalRecord.Started Started(string runId, string name, string experiment) =>
        new(runId, name, experiment, Environment.UserName, Now);

    /// <summary>Starts a run, its journal and its row in the store, or goes on with one.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="targets">Where the journal is carried to: the store that the run lives in, and then others.</param>
    /// <param name="first">
    /// What is written down before the next step: of a new run its identity and what is known of it, of another that
    /// its status is running again.
    /// </param>
    /// <param name="compareFrom">
    /// The journal's end when the state was saved: steps that it has from there on must give the same values again. Null
    /// for a new run, and for a changed spec, which gives others.
    /// </param>
    /// <param name="claim">The claim to the run, given up after the tracker.</param>
    /// <exception cref="UserException">The store takes nothing.</exception>
    internal static RunTracker Open(
        RunFolder folder,
        IReadOnlyList<ITrackingTarget> targets,
        IReadOnlyList<JournalRecord> first,
        long? compareFrom,
        RunClaim claim
    )
    {
        var tracker = new RunTracker(folder, targets, compareFrom, claim);
        try
        {
            // Whoever is killed here is killed before the run begins, or after it has said what it is.
            foreach (var record in first)
                tracker.Append(record);
            // The run is in the store before its first step, so that it can be found whatever happens to it.
            tracker.drains.FirstOrDefault()?.CarryNow();
        }
        catch
        {
            tracker.Dispose();
            throw;
        }
        foreach (var drain in tracker.drains)
            drain.Start();
        tracker.monitor = SystemMonitor.Start(
            values => tracker.Append(new JournalRecord.Metrics(tracker.samples++, Now, values)),
            folder.Path
        );
        return tracker;
    }

    /// <summary>
    /// The position that a checkpoint of a step notes: where the journal's records of later steps begin, at its end, or
    /// before, while steps are made again that the journal has already. What is before it is safe from power cuts, so that
    /// no checkpoint outlives metrics of steps before it.
    /// </summary>
    public long SafePosition(long step)
    {
        claim.Look();
        RequireClaim();
        lock (gate)
        {
            journal.Flush();
            return compareFrom is { } from && logged.Keys.Any(known => known > step) ? from : journal.Position;
        }
    }

    /// <summary>
    /// Logs a step's metrics, each once: what the journal has of this step already is compared, bit for bit, and not
    /// written again.
    /// </summary>
    /// <exception cref="DeterminismException">A value differs from the one that the same step gave before.</exception>
    public void Log(long step, IReadOnlyDictionary<string, double> values)
    {
        if (logged.TryGetValue(step, out var known))
        {
            foreach (var (key, value) in values)
                if (
                    known.TryGetValue(key, out var before)
                    && BitConverter.DoubleToInt64Bits(before) != BitConverter.DoubleToInt64Bits(value)
                )
                    throw new DeterminismException(step, key, $"{before:R}", $"{value:R}");
            values = values.ExceptBy(known.Keys, pair => pair.Key).ToDictionary();
        }
        if (values.Count > 0)
            Append(new JournalRecord.Metrics(step, Now, values));
    }

    /// <summary>Sets a tag of the run.</summary>
    public void Tag(string name, string value) => Tag(new Dictionary<string, string> { [name] = value });

    /// <summary>Sets tags of the run.</summary>
    public void Tag(IReadOnlyDictionary<string, string> tags) => Append(new JournalRecord.Tags(tags));

    /// <summary>Writes the run's end down, and waits until store and server have it all or have failed.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="waiting">Is told, while it waits, of the bytes of the journal that are left.</param>
    public void End(RunStatus status, Action<long> waiting)
    {
        if (ended)
            return;
        // Of a run that is another's now, that one tells the end.
        if (claim.Look() is null)
            Append(new JournalRecord.Status(status, Now));
        Stop(waiting);
    }

    /// <summary>Stops after a last attempt; a run that did not <see cref="End"/> stays as it is in the store.</summary>
    public void Dispose() => Stop(_ => { });

    void Stop(Action<long> waiting)
    {
        if (ended)
            return;
        ended = true;
        monitor?.Dispose();
        using (var idle = new ManualResetEvent(false))
            if (flushing.Dispose(idle))
                idle.WaitOne();
        try
        {
            // Closed first, so that the drains see its true length.
            journal.Dispose();
        }
        finally
        {
            foreach (var drain in drains)
                drain.Stop(waiting);
        }
    }

    /// <summary>A time in MLflow's milliseconds; the nearest that there is, whatever others have written.</summary>
    internal static DateTimeOffset TimeOf(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(
            Math.Clamp(milliseconds, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        );

    /// <summary>Milliseconds since 1970, as MLflow counts time.</summary>
    internal static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    void Flush()
    {
        claim.Look();
        try
        {
            journal.Flush();
        }
        catch (IOException failure)
        {
            // The next append tells it.
            flushFailure = failure;
        }
    }

    void Append(JournalRecord record)
    {
        RequireClaim();
        if (flushFailure is { } failure)
            throw new IOException(failure.Message, failure);
        lock (gate)
            journal.Append(record);
    }

    /// <summary>Looks whether another process has taken the run over, and says so; null where none has.</summary>
    internal string? Lost() => claim.Look();

    /// <summary>Sees that the run is still this process's.</summary>
    /// <exception cref="UserException">Another one has taken it over.</exception>
    internal void RequireClaim()
    {
        if (claim.Lost is { } sentence)
            throw new UserException(sentence);
    }

    /// <summary>True for a sample of the machine, which has its own number for a step.</summary>
    internal static bool IsOfSystem(JournalRecord.Metrics metrics) =>
        metrics.Values.Keys.First().StartsWith(SystemMonitor.Prefix, StringComparison.Ordinal);
}

/// <summary>A step that was computed again gave another value: the run is not what it was.</summary>
public sealed class DeterminismException(long step, string what, string before, string after)
    : Exception(
        $"Step {step} gave {what} = {after}; the run has {before} from before. The machine, the thread count, libtorch or the data has changed since."
    );
