namespace Gan.Experiments;

/// <summary>What a synchronization did.</summary>
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
        var running = store.Search(RunQuery.All with { Filter = RunFilter.Parse("status = 'RUNNING'") });
        return Carry(running.Select(run => new Candidate(run.Folder, true, false)), store, null);
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
        var own = store.Search(RunQuery.All);
        var known = own.ToDictionary(run => run.RunId, run => run.Folder.Path);
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true };
        var found = folders
            .SelectMany(folder => Directory.EnumerateFiles(folder, "journal", everywhere))
            .Select(journal => Path.GetDirectoryName(Path.GetFullPath(journal))!)
            .Distinct()
            .Select(folder => new RunFolder(Path.GetFileName(folder), folder))
            .Where(run => known.GetValueOrDefault(run.RunId) != run.Path)
            .ToArray();
        // A copy of a run that is here tells nothing new of it, and may be older; of several the longest counts.
        var fresh = found
            .Where(run => !Directory.Exists(known.GetValueOrDefault(run.RunId)))
            .GroupBy(run => run.RunId)
            .Select(copies => copies.MaxBy(run => TryRead(() => JournalFile.Extent(run.Journal)))!)
            .ToArray();
        var kept = own.Select(run => run.Folder).Concat(fresh).ToLookup(run => run.RunId, run => run.Path);
        using var servers = new ServerSet(server);
        var synced = Carry(
            own.Select(run => new Candidate(run.Folder, run.Status == "RUNNING", false))
                .Concat(fresh.Select(run => new Candidate(run, true, true))),
            store,
            servers
        );
        var left = found
            .Except(fresh)
            .Select(run =>
                $"{run.ShortId}: '{run.Path}' is a copy of the run in '{kept[run.RunId].Last()}'; it is left as it is."
            );
        return synced with { Troubles = [.. synced.Troubles, .. left] };
    }

    /// <summary>Tells stores and servers of some runs that nobody writes.</summary>
    internal static Synced Tell(string place, IEnumerable<RunFolder> runs)
    {
        using var store = RunStores.Open(place);
        using var servers = new ServerSet(null);
        return Carry(runs.Select(run => new Candidate(run, false, false)), store, servers);
    }

    // A run to carry: whether it may seem to run though it does not, and whether its folder came from elsewhere.
    readonly record struct Candidate(RunFolder Run, bool MayRun, bool Imported);

    /// <summary>Ends a run that no process writes, with tags that say why.</summary>
    internal static void End(RunFolder run, string place, RunStatus status, IReadOnlyDictionary<string, string> tags)
    {
        // gan sync may hold it for as long as it tells a server of the run.
        using (RunClaim.Lock(run, TimeSpan.FromMinutes(10)))
        {
            using var journal = Journal.Open(run.Journal, _ => { });
            journal.Append(new JournalRecord.Tags(tags));
            journal.Append(new JournalRecord.Status(status, RunTracker.Now));
        }
        using var store = RunStores.Open(place);
        Carry([new Candidate(run, false, false)], store, null);
    }

    // Servers are for those who wait for them: a listing of runs does not.
    static Synced Carry(IEnumerable<Candidate> runs, IRunStore store, ServerSet? servers)
    {
        var records = 0;
        var ended = new List<RunFolder>();
        var troubles = new List<string>();
        // Parents are older than their children, and are made before them.
        var begun = runs.Where(candidate => File.Exists(candidate.Run.Journal))
            .Select(candidate => (candidate, Time: Began(candidate.Run)))
            .OrderBy(pair => pair.Time);
        foreach (var ((run, mayRun, imported), time) in begun)
        {
            void Tell(string message) => troubles.Add($"{run.ShortId}: {message}");

            try
            {
                // What does not begin as a journal does is somebody's own file, or is damaged; nothing is written there.
                if (time is null)
                {
                    troubles.Add(
                        $"'{run.Journal}' is no journal of a run that can be read, or is damaged from its beginning on; it is left as it is."
                    );
                    continue;
                }
                // A run that some process writes looks after itself.
                using var writing = RunClaim.TryLock(run.Lock);
                if (writing is null)
                    continue;
                if (imported)
                    ServerLink.Import(run);
                if (mayRun && !IsYoung(run, store) && EndAsFailed(run, Tell))
                    ended.Add(run);
                records += Carry(run, store, Tell);
                foreach (var server in servers?.Of(run) ?? [])
                    records += Carry(run, server, Tell, servers);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                Tell(failure.Message);
            }
        }
        return new Synced(records, ended, troubles);
    }

    static int Carry(RunFolder run, ITrackingTarget target, Action<string> tell, ServerSet? servers = null)
    {
        try
        {
            var drain = new JournalDrain(target, run);
            var records = drain.Carry(ended: true, CancellationToken.None);
            // All that can be read was carried; nobody writes here, so what is left cannot be.
            if (drain.Behind > 0 && target is IRunStore)
                tell($"Its journal '{run.Journal}' is damaged; its last {drain.Behind} bytes cannot be read.");
            if (target.Complaint(run) is { } complaint)
                tell(complaint);
            return records;
        }
        catch (Exception failure) when (failure is UserException or ServerException or IOException)
        {
            tell(failure.Message);
            if (target is MlflowServer { Activity: 0 } server && failure is UserException)
                servers?.Silent.Add(server);
            return 0;
        }
    }

    // Locks do not hold on every network disk; there, a run that wrote a moment ago counts as alive.
    static bool IsYoung(RunFolder run, IRunStore store) =>
        store is FileStore && DateTime.UtcNow - File.GetLastWriteTimeUtc(run.Journal) < TimeSpan.FromMinutes(1);

    // Null for what cannot be read, too; that is told when its turn comes.
    static long? Began(RunFolder run) =>
        TryRead(() => Journal.Records<JournalRecord.Started>(run.Journal).FirstOrDefault()?.Time);

    static long? TryRead(Func<long?> read)
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }

    static bool EndAsFailed(RunFolder run, Action<string> tell)
    {
        if (Journal.LastStatus(run.Journal, 0) is not (null or RunStatus.Running))
            return false;
        var time = new DateTimeOffset(File.GetLastWriteTimeUtc(run.Journal)).ToUnixTimeMilliseconds();
        using var journal = Journal.Open(run.Journal, _ => { });
        if (journal.Complaint is { } complaint)
            tell(complaint);
        journal.Append(new JournalRecord.Status(RunStatus.Failed, time));
        return true;
    }

    // The servers that runs are told to, each opened once.
    sealed class ServerSet(string? always) : IDisposable
    {
        readonly ServerSettings settings = ServerSettings.FromEnvironment().Brief() with { RunId = null };
        readonly Dictionary<string, MlflowServer> open = [];

        // Those that did not answer for one run are not waited for again for the next.
        public HashSet<MlflowServer> Silent { get; } = [];

        public IEnumerable<MlflowServer> Of(RunFolder run) =>
            ServerLink
                .All(run)
                .Select(link => Open(link.Address, link.Imported))
                .Concat(always is null ? [] : [Open(always, imported: false)])
                .DistinctBy(server => server.Key)
                .Where(server => !Silent.Contains(server))
                .ToArray();

        // What a folder from elsewhere names gets no secret, unless it is the server that is asked for here.
        MlflowServer Open(string address, bool imported)
        {
            var trusted = !imported || IsConfigured(address);
            var name = $"{address} {trusted}";
            return open.TryGetValue(name, out var known)
                ? known
                : open[name] = new MlflowServer(address, trusted ? settings : settings.WithoutSecrets());
        }

        bool IsConfigured(string address) =>
            new[] { always, TrackingSpec.FromEnvironment().Server }
                .OfType<string>()
                .Any(own => new Uri(own).Authority == new Uri(address).Authority);

        public void Dispose()
        {
            foreach (var server in open.Values)
                server.Dispose();
        }
    }
}
