namespace Gan.Experiments;

/// <summary>
/// Carries a run's journal into one target, from where the last drain stopped. The position is kept in a file of its own;
/// losing it only means that records are written again, which changes nothing.
/// </summary>
public sealed class JournalDrain
{
    const int MostRecords = 2000;
    const int MostValues = 20_000;

    readonly ITrackingTarget target;
    readonly RunFolder run;

    // As in its file, or further where the file could not be written.
    long position;

    /// <summary>A drain that goes on where the last one stopped.</summary>
    public JournalDrain(ITrackingTarget target, RunFolder run)
    {
        (this.target, this.run) = (target, run);
        position = Noted;
    }

    /// <summary>The bytes of the journal that the target does not have yet.</summary>
    public long Behind => Math.Max(0, JournalFile.Extent(run.Journal) - position);

    /// <summary>
    /// Writes everything in the journal that the target does not have, then the artifacts. Returns the number of records
    /// written.
    /// </summary>
    /// <exception cref="UserException">The target did not take them; the journal keeps them.</exception>
    public int Carry(bool ended, CancellationToken cancellation)
    {
        var written = 0;
        if (position > 0 && !target.Has(run))
        {
            File.Delete(PositionFile);
            position = 0;
        }
        foreach (var batch in Batches(Journal.Read(run.Journal, position)))
        {
            cancellation.ThrowIfCancellationRequested();
            target.Write(run, [.. batch.Select(entry => entry.Record)], cancellation);
            written += batch.Count;
            position = batch[^1].End;
            File.WriteAllText(PositionFile, position.ToString());
        }
        target.WriteArtifacts(run, ended, cancellation);
        return written;
    }

    static IEnumerable<List<JournalEntry>> Batches(IEnumerable<JournalEntry> entries)
    {
        var batch = new List<JournalEntry>();
        var values = 0;
        foreach (var entry in entries)
        {
            batch.Add(entry);
            values += entry.Record is JournalRecord.Metrics metrics ? metrics.Values.Count : 0;
            if (batch.Count < MostRecords && values < MostValues)
                continue;
            yield return batch;
            batch = [];
            values = 0;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    long Noted =>
        File.Exists(PositionFile)
        && File.Exists(run.Journal)
        && long.TryParse(File.ReadAllText(PositionFile), out var noted)
        && noted >= 0
        && noted <= new FileInfo(run.Journal).Length
            ? noted
            : 0;

    string PositionFile => $"{run.Journal}.{target.Key}";
}
