namespace Gan.Experiments;

/// <summary>Writes what happens in a run into a text file among its artifacts, and tells it on.</summary>
internal sealed class RunLog : IRunObserver, IDisposable
{
    readonly IRunObserver next;
    readonly FileStream file;

    /// <summary>A log that is begun, or gone on with.</summary>
    public RunLog(string path, IRunObserver next)
    {
        this.next = next;
        file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <inheritdoc/>
    public void On(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Started started:
                Write(
                    $"started at step {started.FirstStep} on {started.Spec.Threads} thread(s): {Environment.CommandLine}"
                );
                break;
            case RunEvent.Evaluated evaluated:
                Write(
                    $"step {evaluated.Step}: {string.Join(", ", evaluated.Values.Select(pair => Text(pair.Key, pair.Value)))}"
                );
                break;
            case RunEvent.Detected(var step, var found):
                Write($"step {step}: {found.Name}: {found.Sentence}. {found.Advice}");
                break;
            case RunEvent.Saved saved:
                Write($"step {saved.Step}: saved {Path.GetFileName(saved.File)}");
                break;
            case RunEvent.Untold untold:
                Write(untold.Sentence);
                break;
        }
        next.On(happened);
    }

    /// <summary>Writes a line with the time. A log that cannot be written ends no run.</summary>
    public void Write(string line)
    {
        var time = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        try
        {
            file.Write(Encoding.UTF8.GetBytes($"{time} {line}\n"));
        }
        catch (IOException)
        {
            // The disk is full, say; the journal tells whether the run can go on.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    static string Text(string key, double value) => string.Create(CultureInfo.InvariantCulture, $"{key} {value:G6}");
}
