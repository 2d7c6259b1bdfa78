using System.Diagnostics;

namespace Gan.Experiments;

/// <summary>
/// One trial in a process of its own: what ends it ends no other. The process stops, and saves its state, when its standard
/// input ends, as it does when the sweep's process is killed.
/// </summary>
internal sealed class TrialProcess : RunningTrial
{
    readonly Process process;
    string error = "";

    /// <summary>Starts a trial.</summary>
    /// <param name="command">The command line's program and first arguments, as dotnet and gan.dll.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="folder">Its run's folder.</param>
    /// <param name="ticket">Its ticket's file.</param>
    /// <param name="changed">Is called when it told something, or ended.</param>
    public TrialProcess(
        IReadOnlyList<string> command,
        SweepTrial trial,
        RunFolder folder,
        string ticket,
        Action changed
    )
        : base(trial, folder, changed)
    {
        string[] arguments = [.. command.Skip(1), "train", "--json", "--attended", "--ticket", ticket];
        var info = new ProcessStartInfo(command[0], arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // It names one run at a server, not all of a sweep.
        info.Environment.Remove("MLFLOW_RUN_ID");
        process = new Process { StartInfo = info, EnableRaisingEvents = true };
        // What a line tells is in the journal before; the output's end counts as a line, so that nothing is missed.
        process.OutputDataReceived += (_, _) => Look();
        process.ErrorDataReceived += (_, line) => TakeError(line.Data);
        process.Exited += (_, _) => changed();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <inheritdoc/>
    public override TrialExit? Exit
    {
        get
        {
            if (!process.HasExited)
                return null;
            // Until all that it said has been read.
            process.WaitForExit();
            return new TrialExit(process.ExitCode, error);
        }
    }

    /// <inheritdoc/>
    public override void Stop()
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
    public override void Dispose() => process.Dispose();

    void TakeError(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
            error = line.StartsWith("gan: ", StringComparison.Ordinal) ? line["gan: ".Length..] : line;
    }
}
