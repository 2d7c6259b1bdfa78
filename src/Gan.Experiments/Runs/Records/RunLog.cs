namespace Gan.Experiments;

/// <summary>
/// Writes what happens in a run into a text file among its artifacts, which is begun or gone on with, and tells it on.
/// </summary>
internal sealed class RunLog(string path, IRunObserver next) : IRunObserver, IDisposable
{
    readonly FileStream file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <inheritdoc/>
    public void On(RunEvent happened)
    {
        var line = happened switch
        {
            RunEvent.Started(_, _, var spec, var step) =>
                $"started at step {step} on {spec.Threads} thread(s): {Environment.CommandLine}",
            RunEvent.Evaluated(var step, var values) =>
                $"step {step}: {string.Join(", ", values.Select(pair => Text(pair.Key, pair.Value)))}",
            RunEvent.Detected(var step, var found) => $"step {step}: {found.Name}: {found.Message}. {found.Advice}",
            RunEvent.CheckpointSaved(var step, var saved) => $"step {step}: saved {Path.GetFileName(saved)}",
            RunEvent.Warning(var sentence) => sentence,
            _ => null,
        };
        if (line is not null)
            Write(line);
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
