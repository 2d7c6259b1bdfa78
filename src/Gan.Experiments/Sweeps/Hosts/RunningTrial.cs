namespace Gan.Experiments;

/// <summary>A trial that is being worked on. What it logs is read in its run's journal, wherever that is.</summary>
public abstract class RunningTrial : IDisposable
{
    readonly RunFolder folder;
    readonly Action changed;
    long position;

    private protected RunningTrial(SweepTrial trial, RunFolder folder, Action changed) =>
        (Trial, this.folder, this.changed) = (trial, folder, changed);

    /// <summary>The trial.</summary>
    public SweepTrial Trial { get; }

    /// <summary>The step that it is at.</summary>
    public long Step { get; private set; }

    /// <summary>The latest value of everything that it logged.</summary>
    public IReadOnlyDictionary<string, double> Values { get; private set; } = new Dictionary<string, double>();

    /// <summary>How it ended; null while it is worked on.</summary>
    public abstract TrialExit? Exit { get; }

    /// <summary>Asks it to save its state and end.</summary>
    public abstract void Stop();

    /// <inheritdoc/>
    public virtual void Dispose() { }

    /// <summary>
    /// Reads on in its journal. No two look at once: a process tells line after line, and a cluster's host looks at its
    /// jobs under a lock.
    /// </summary>
    internal void Look()
    {
        var values = new Dictionary<string, double>(Values);
        try
        {
            foreach (var entry in Journal.Read(folder.Journal, position))
            {
                position = entry.End;
                // A sample of the system has a number of its own for a step.
                if (entry.Record is not JournalRecord.Metrics metrics || RunTracker.IsOfSystem(metrics))
                    continue;
                Step = metrics.Step;
                foreach (var (key, value) in metrics.Values)
                    values[key] = value;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // A journal that is being made or moved is read at the next look.
        }
        // Replaced whole, since others read them meanwhile.
        Values = values;
        changed();
    }
}
