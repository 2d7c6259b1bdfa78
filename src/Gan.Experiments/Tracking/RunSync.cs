namespace Gan.Experiments;

/// <summary>What a synchronisation did.</summary>
/// <param name="Records">The journals' records that a store or server now has and had not.</param>
/// <param name="Ended">The runs that had ended without a word, and now are FAILED.</param>
/// <param name="Troubles">Why runs were not carried whole, in a sentence each.</param>
public sealed record Synced(int Records, IReadOnlyList<RunFolder> Ended, IReadOnlyList<string> Troubles);

/// <summary>
/// Brings stores and servers up to what runs have written in their journals. A run whose journal does not end, and that no
/// process writes, has been killed: it ends as FAILED, at the time of its last word, until it is resumed.
/// </summary>
public static class RunSync
{
    /// <summary>The runs of a store that seem to run, which is quick however many have ended.</summary>
    public static Synced Unfinished(string place)
    {
        if (!RunStores.Exists(place))
            return new Synced(0, [], []);
        using var store = RunStores.Open(place);
        var running = store.Search(
            RunQuery.All with
            {
                Filter = new RunFilter([
                    new RunCondition(new RunKey(RunEntity.Attribute, "status"), "=", "RUNNING", null),
                ]),
            }
        );
        return Carry(running.Select(run => (run.Folder, MayRun: true)), store, null);
    }

    /// <summary>All runs of a store, and what lies in folders, to the store and the servers that the runs are told to.</summary>
    /// <param name="place">The store, which gets the runs that it does not have.</param>
    /// <param name="folders">Folders to look for runs in, moved here from another machine perhaps.</param>
    /// <param name="server">A server that is told of all these runs, beside those that they are told to anyway.</param>
    public static Synced All(string place, IReadOnlyList<string> folders, string? server)
    {
        foreach (var folder in folders.Where(folder => !Directory.Exists(folder)))
            throw new UserException($"There is no folder '{folder}' to look for runs in.");
        using var store = RunStores.Open(place);
        var own = store.Search(RunQuery.All).Select(run => (run.Folder, MayRun: run.Status == "RUNNING"));
        var found = folders
            .SelectMany(folder => Directory.EnumerateFiles(folder, "journal", SearchOption.AllDirectories))
            .Select(journal => Path.GetDirectoryName(Path.GetFullPath(journal))!)
            .Select(folder => (new RunFolder(Path.GetFileName(folder), folder), MayRun: true));
        using var servers = new ServerSet(server);
        return Carry(own.Concat(found).DistinctBy(run => run.Item1.Path), store, servers);
    }

    /// <summary>Ends a run that no process writes, with tags that say why.</summary>
    internal static void End(RunFolder run, string place, RunStatus status, IReadOnlyDictionary<string, string> tags)
    {
        using (RunTracker.LockOut(run))
        {
            using var journal = Journal.Open(run.Journal, _ => { });
            journal.Append(new JournalRecord.Tags(tags));
            journal.Append(new JournalRecord.Status(status, RunTracker.Now));
        }
        using var store = RunStores.Open(place);
        Carry([(run, false)], store, null);
    }

    // Servers are for those who wait for them: a listing of runs does not.
    static Synced Carry(IEnumerable<(RunFolder Run, bool MayRun)> runs, IRunStore store, ServerSet? servers)
    {
        var records = 0;
        var ended = new List<RunFolder>();
        var troubles = new List<string>();
        // Parents are older than their children, and are made before them.
        var begun = runs.Where(pair => File.Exists(pair.Run.Journal))
            .Select(pair => (pair.Run, pair.MayRun, Time: Began(pair.Run)))
            .OrderBy(pair => pair.Time);
        foreach (var (run, mayRun, time) in begun)
            try
            {
                // What does not begin as a journal does is somebody's own file, or is damaged; nothing is written there.
                if (time is null)
                {
                    troubles.Add(
                        $"'{run.Journal}' is no journal of a run, or is damaged from its beginning on; it is left as it is."
                    );
                    continue;
                }
                // A run that some process writes looks after itself.
                using var writing = RunTracker.TryLock(run);
                if (writing is null)
                    continue;
                if (mayRun && !IsYoung(run, store) && EndAsFailed(run, troubles))
                    ended.Add(run);
                records += Carry(run, store, troubles);
                foreach (var server in servers?.Of(run) ?? [])
                    records += servers!.IsSilent(server) ? 0 : Carry(run, server, troubles, servers);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                troubles.Add(Sentence(run, failure.Message));
            }
        return new Synced(records, ended, troubles);
    }

    static int Carry(RunFolder run, ITrackingTarget target, List<string> troubles, ServerSet? servers = null)
    {
        try
        {
            var drain = new JournalDrain(target, run);
            var records = drain.Carry(ended: true, CancellationToken.None);
            // All that can be read was carried; nobody writes here, so what is left cannot be.
            if (drain.Behind > 0 && target is IRunStore)
                troubles.Add(
                    Sentence(
                        run,
                        $"Its journal '{run.Journal}' is damaged; its last {drain.Behind} bytes cannot be read."
                    )
                );
            if (target.Complaint(run) is { } complaint)
                troubles.Add(Sentence(run, complaint));
            return records;
        }
        catch (Exception failure) when (failure is UserException or ServerException or IOException)
        {
            troubles.Add(Sentence(run, failure.Message));
            if (target is MlflowServer server && failure is UserException)
                servers?.NoteSilence(server);
            return 0;
        }
    }

    static string Sentence(RunFolder run, string message) => $"{run.ShortId}: {message}";

    // Locks do not hold on every network disk; there, a run that wrote a moment ago counts as alive.
    static bool IsYoung(RunFolder run, IRunStore store) =>
        store is FileStore && DateTime.UtcNow - File.GetLastWriteTimeUtc(run.Journal) < TimeSpan.FromMinutes(1);

    static long? Began(RunFolder run) => Journal.Records<JournalRecord.Started>(run.Journal).FirstOrDefault()?.Time;

    static bool EndAsFailed(RunFolder run, List<string> troubles)
    {
        if (Journal.LastStatus(run.Journal, 0) is not (null or RunStatus.Running))
            return false;
        var time = new DateTimeOffset(File.GetLastWriteTimeUtc(run.Journal)).ToUnixTimeMilliseconds();
        using var journal = Journal.Open(run.Journal, _ => { });
        if (journal.Complaint is { } complaint)
            troubles.Add(Sentence(run, complaint));
        journal.Append(new JournalRecord.Status(RunStatus.Failed, time));
        return true;
    }

    // The servers that runs are told to, each opened once.
    sealed class ServerSet(string? always) : IDisposable
    {
        readonly ServerSettings settings = ServerSettings.FromEnvironment().Brief() with { RunId = null };
        readonly Dictionary<string, MlflowServer> open = [];
        readonly HashSet<MlflowServer> silent = [];

        // One that did not answer for one run is not waited for again for the next.
        public void NoteSilence(MlflowServer server)
        {
            if (server.Activity == 0)
                silent.Add(server);
        }

        public bool IsSilent(MlflowServer server) => silent.Contains(server);

        public IEnumerable<MlflowServer> Of(RunFolder run)
        {
            var addresses = ServerLink.Addresses(run).Select(address => address.AbsoluteUri);
            return (always is null ? addresses : addresses.Append(always))
                .Select(Open)
                .DistinctBy(s => s.Key)
                .ToArray();
        }

        MlflowServer Open(string address)
        {
            var server = new MlflowServer(address, settings);
            if (open.TryAdd(server.Key, server))
                return server;
            server.Dispose();
            return open[server.Key];
        }

        public void Dispose()
        {
            foreach (var server in open.Values)
                server.Dispose();
        }
    }
}
