namespace Gan.Experiments;

/// <summary>
/// A place that runs are written down in. It gets a run's records in the order of its journal, and may get some of them
/// twice, after a failure: what it holds then is what it held after the first time. Only <see cref="Key"/> and
/// <see cref="Write"/> have no default.
/// </summary>
public interface ITrackingTarget : IDisposable
{
    /// <summary>A short name, part of a file's name, that tells it from a run's other targets.</summary>
    string Key { get; }

    /// <summary>A number that grows from 0 while it takes something; null where that cannot be told.</summary>
    long? Activity => null;

    /// <summary>False where it has lost a run that it was told of before: it is then told from the beginning.</summary>
    bool Has(RunFolder run) => true;

    /// <summary>Writes records of one run, all of them or, where it throws, any part.</summary>
    /// <param name="run">The run. Its first record ever is a <see cref="JournalRecord.Started"/>.</param>
    /// <param name="records">The records.</param>
    /// <param name="cancellation">Gives the attempt up.</param>
    /// <exception cref="UserException">It did not take them; the message says why and what to do.</exception>
    void Write(RunFolder run, IReadOnlyList<JournalRecord> records, CancellationToken cancellation);

    /// <summary>Brings the run's artifacts up to what its folder has; by default they stay there.</summary>
    /// <param name="run">The run.</param>
    /// <param name="ended">True when no file will change any more; otherwise files that just changed wait.</param>
    /// <param name="cancellation">Gives the attempt up.</param>
    void WriteArtifacts(RunFolder run, bool ended, CancellationToken cancellation) { }

    /// <summary>What it would not take of a run though it took the rest, in a sentence; null for nothing.</summary>
    string? Complaint(RunFolder run) => null;

    /// <summary>Lets go of what it holds open; by default nothing.</summary>
    void IDisposable.Dispose() { }
}
