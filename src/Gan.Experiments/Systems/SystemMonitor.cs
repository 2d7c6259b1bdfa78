namespace Gan.Experiments;

/// <summary>
/// Logs what a run takes of its machine, every ten seconds on a thread of its own, under MLflow's names for it: processors,
/// memory, disk, network. MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING=false leaves it out.
/// </summary>
internal sealed class SystemMonitor : IDisposable
{
    /// <summary>What the names of all its metrics begin with.</summary>
    public const string Prefix = "system/";

    const double Mega = 1e6;
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    readonly ManualResetEventSlim ending = new();
    readonly Thread thread;

    // The processors' ticks and the network's bytes, since the machine began.
    readonly record struct Counters(long Busy, long All, long Received, long Sent);

    SystemMonitor(Action<IReadOnlyDictionary<string, double>> log, string folder)
    {
        var disk = new DriveInfo(Path.GetFullPath(folder));
        thread = new Thread(() => Watch(log, disk)) { IsBackground = true, Name = "system monitor" };
        thread.Start();
    }

    /// <summary>Begins to watch; null where the environment forbids it, or the system has no /proc.</summary>
    /// <param name="log">Is given each sample.</param>
    /// <param name="folder">A folder of the disk to watch.</param>
    public static SystemMonitor? Start(Action<IReadOnlyDictionary<string, double>> log, string folder) =>
        Environment.GetEnvironmentVariable("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING") is "false" or "False" or "0"
        || !File.Exists("/proc/stat")
            ? null
            : new SystemMonitor(log, folder);

    /// <inheritdoc/>
    public void Dispose()
    {
        ending.Set();
        thread.Join();
    }

    void Watch(Action<IReadOnlyDictionary<string, double>> log, DriveInfo disk)
    {
        Counters? before = null;
        do
        {
            try
            {
                var now = ReadCounters();
                if (before is { } then)
                    log(Sample(then, now, disk));
                before = now;
            }
            catch (Exception)
            {
                // What cannot be read or logged now is so ten seconds later, or not at all; no run ends for that.
            }
        } while (!ending.Wait(Interval));
    }

    static Dictionary<string, double> Sample(Counters before, Counters now, DriveInfo disk)
    {
        var memory = ReadMemory();
        var used = memory["MemTotal"] - memory["MemAvailable"];
        var (busy, all) = (now.Busy - before.Busy, now.All - before.All);
        return new Dictionary<string, double>
        {
            ["system/cpu_utilization_percentage"] = all > 0 ? 100.0 * busy / all : 0,
            ["system/system_memory_usage_megabytes"] = used / Mega,
            ["system/system_memory_usage_percentage"] = 100.0 * used / memory["MemTotal"],
            ["system/process_memory_usage_megabytes"] = Environment.WorkingSet / Mega,
            ["system/disk_usage_percentage"] = 100.0 * (disk.TotalSize - disk.AvailableFreeSpace) / disk.TotalSize,
            ["system/disk_usage_megabytes"] = (disk.TotalSize - disk.AvailableFreeSpace) / Mega,
            ["system/disk_available_megabytes"] = disk.AvailableFreeSpace / Mega,
            ["system/network_receive_megabytes"] = (now.Received - before.Received) / Mega,
            ["system/network_transmit_megabytes"] = (now.Sent - before.Sent) / Mega,
        };
    }

    static Counters ReadCounters()
    {
        // cpu user nice system idle iowait irq softirq…
        var ticks = Numbers(File.ReadLines("/proc/stat").First()["cpu".Length..]).Take(8).ToArray();
        long[][] counts =
        [
            .. File.ReadLines("/proc/net/dev")
                .Select(line => line.Split(':', 2))
                .Where(parts => parts.Length == 2 && parts[0].Trim() != "lo")
                .Select(parts => Numbers(parts[1]).ToArray()),
        ];
        return new(ticks.Sum() - ticks[3] - ticks[4], ticks.Sum(), counts.Sum(c => c[0]), counts.Sum(c => c[8]));
    }

    static IEnumerable<long> Numbers(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse);

    static Dictionary<string, double> ReadMemory() =>
        File.ReadLines("/proc/meminfo")
            .Select(line => line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => double.Parse(words[1]) * 1024);
}
