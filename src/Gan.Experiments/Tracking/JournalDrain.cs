namespace Gan.Experiments;

/// <summary>
/// Carries a journal's records into the store, from where the last drain stopped. The position is kept in a file of its
/// own; losing it only means that records are written again: the same rows, and tags as they were first set.
/// </summary>
public static class JournalDrain
{
    const int BatchSize = 2000;

    /// <summary>Writes everything in the journal that the store does not have. Returns the number of records written.</summary>
    /// <exception cref="UserException">The store did not take them; the journal keeps them.</exception>
    public static int Run(SqliteStore store, string runId, string journal)
    {
        var written = 0;
        var position = Position(journal);
        foreach (var batch in Journal.Read(journal, position).Chunk(BatchSize))
        {
            store.Write(runId, [.. batch.Select(entry => entry.Record)]);
            written += batch.Length;
            File.WriteAllText(PositionFile(journal), batch[^1].End.ToString());
        }
        return written;
    }

    static long Position(string journal) =>
        File.Exists(PositionFile(journal))
        && long.TryParse(File.ReadAllText(PositionFile(journal)), out var position)
        && position >= 0
        && position <= new FileInfo(journal).Length
            ? position
            : 0;

    static string PositionFile(string journal) => journal + ".drained";
}
