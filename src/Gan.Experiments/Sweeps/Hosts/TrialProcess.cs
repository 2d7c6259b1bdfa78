using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gan.Experiments;

/// <summary>
/// One trial in a process of its own: what ends it ends no other. The process stops, and saves its state, when its standard
/// input ends, as it does when the sweep's process is killed.
/// </summary>
public sealed class TrialProcess : IRunningTrial
{
    readonly Process process;
    readonly Lock gate = new();
    string error = "";

    TrialProcess(Process process, SweepTrial trial) => (this.process, Trial) = (process, trial);

    /// <inheritdoc/>
    public SweepTrial Trial { get; }

    /// <inheritdoc/>
    public long Step { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Values
    {
        get
        {
            lock (gate)
                return new Dictionary<string, double>(values);
        }
    }

    readonly Dictionary<string, double> values = [];

    /// <inheritdoc/>
    public TrialExit? Exit
    {
        get
        {
            if (!process.HasExited)
                return null;
            process.WaitForExit();
            lock (gate)
                return new TrialExit(process.ExitCode, error);
        }
    }

    /// <summary>Starts a trial.</summary>
    /// <param name="command">The command line's program and first arguments, as dotnet and gan.dll.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="ticket">Its ticket's file.</param>
    /// <param name="changed">Is called when it told something, or ended.</param>
    public static TrialProcess Start(IReadOnlyList<string> command, SweepTrial trial, string ticket, Action changed)
    {
        var info = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[.. command.Skip(1), "train", "--json", "--attended", "--ticket", ticket])
            info.ArgumentList.Add(argument);
        // It names one run at a server, not all of a sweep.
        info.Environment.Remove("MLFLOW_RUN_ID");
        var started = new TrialProcess(new Process { StartInfo = info, EnableRaisingEvents = true }, trial);
        started.process.OutputDataReceived += (_, line) => started.Take(line.Data, changed);
        started.process.ErrorDataReceived += (_, line) => started.TakeError(line.Data);
        started.process.Exited += (_, _) => changed();
        started.process.Start();
        started.process.BeginOutputReadLine();
        started.process.BeginErrorReadLine();
        return started;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => process.Dispose();

    void Take(string? line, Action changed)
    {
        if (line is null || Parse(line) is not { } told)
            return;
        lock (gate)
        {
            if (told["step"] is JsonValue step && step.TryGetValue<long>(out var at))
                Step = at;
            if (told["values"] is JsonObject found)
                foreach (var (key, value) in found)
                    values[key] =
                        value is JsonValue number && number.TryGetValue<double>(out var known) ? known : double.NaN;
        }
        changed();
    }

    // Other libraries of the process write where it pleases them, and a killed one ends in the middle of a line.
    static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    void TakeError(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (gate)
            error = line.StartsWith("gan: ", StringComparison.Ordinal) ? line["gan: ".Length..] : line;
    }
}
