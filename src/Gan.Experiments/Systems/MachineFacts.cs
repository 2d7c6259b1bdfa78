using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gan.Experiments;

/// <summary>What a run should be told of where it ran: the commit, the machine, the engine.</summary>
public static class MachineFacts
{
    /// <summary>The processor's name, where the system tells it.</summary>
    public static string Processor
    {
        get
        {
            const string facts = "/proc/cpuinfo";
            var line = File.Exists(facts)
                ? File.ReadLines(facts).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                : null;
            return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        }
    }

    /// <summary>Tags of a run: git commit and state, processor, runtime, the engine's versions and what it computes with.</summary>
    public static IReadOnlyDictionary<string, string> Tags()
    {
        var tags = new Dictionary<string, string>
        {
            ["gan.version"] = typeof(MachineFacts).Assembly.GetName().Version!.ToString(3),
            ["gan.dotnet"] = RuntimeInformation.FrameworkDescription,
            ["gan.machine"] =
                $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors ({Processor})",
            ["gan.engine.torchsharp"] = Core.Engine.TorchSharpVersion,
            ["gan.engine.libtorch"] = Core.Engine.LibtorchVersion,
            ["gan.engine.blas"] = Core.Engine.Blas,
            ["gan.engine.cuda_devices"] = $"{Core.Engine.CudaDevices}",
        };
        if (Git("rev-parse HEAD") is { Length: > 0 } commit)
        {
            tags["mlflow.source.git.commit"] = commit;
            tags["mlflow.source.git.dirty"] = $"{Git("status --porcelain --untracked-files=no") is not (null or "")}";
        }
        return tags;
    }

    /// <summary>What bits are made by, beside the processor: weights of another engine can be used, its runs not gone on with.</summary>
    public static string Engine => $"libtorch {Core.Engine.LibtorchVersion}";

    /// <summary>The engine of the versions before TorchSharp.</summary>
    internal const string FormerEngine = "libtorch 1.13.0";

    static string? Git(string arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
            );
            var output = process!.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
