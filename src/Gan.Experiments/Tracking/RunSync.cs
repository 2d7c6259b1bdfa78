namespace Gan.Experiments;

/// <summary>What a synchronisation did.</summary>
/// <param name="Records">The journals' records that the store now has and had not.</param>
/// <param name="Ended">The runs that had ended without a word, and now are FAILED.</param>
public sealed record Synced(int Records, IReadOnlyList<FoundRun> Ended);

/// <summary>
/// Brings a store up to what runs have written in their journals. A run that is RUNNING in the store and that no process
/// writes has been killed: it ends as FAILED, at the time of its last word, until it is resumed.
/// </summary>
public static class RunSync
{
    /// <summary>All runs of a store.</summary>
    public static Synced All(string store) => Of(store, RunIndex.List(store, null, int.MaxValue));

    /// <summary>The runs of a store that seem to run, which is quick however many have ended.</summary>
    public static Synced Unfinished(string store) =>
        Of(store, RunIndex.List(store, null, int.MaxValue).Where(IsRunning));

    static Synced Of(string file, IEnumerable<FoundRun> runs)
    {
        var records = 0;
        var ended = new List<FoundRun>();
        FoundRun[] written = [.. runs.Where(run => File.Exists(run.Folder.Journal))];
        if (written.Length == 0)
            return new Synced(records, ended);
        using var store = SqliteStore.Open(file);
        foreach (var run in written)
        {
            // A run that some process writes looks after itself.
            using var writing = RunTracker.TryLock(run.Folder);
            if (writing is null)
                continue;
            if (IsRunning(run) && LastStatus(run) is RunStatus.Running or null)
            {
                var time = new DateTimeOffset(File.GetLastWriteTimeUtc(run.Folder.Journal)).ToUnixTimeMilliseconds();
                using var journal = Journal.Open(run.Folder.Journal, _ => { });
                journal.Append(new JournalRecord.Status(RunStatus.Failed, time));
                ended.Add(run);
            }
            records += JournalDrain.Run(store, run.RunId, run.Folder.Journal);
        }
        return new Synced(records, ended);
    }

    static bool IsRunning(FoundRun run) => run.Status == "RUNNING";

    static RunStatus? LastStatus(FoundRun run) =>
        Journal.Records<JournalRecord.Status>(run.Folder.Journal).LastOrDefault()?.Value;
}
