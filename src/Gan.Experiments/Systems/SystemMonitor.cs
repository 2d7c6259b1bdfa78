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
        ((long Busy, long All) Processors, (long Received, long Sent) Network)? before = null;
        do
        {
            try
            {
                var now = (Processors: ReadProcessors(), Network: ReadNetwork());
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

    static Dictionary<string, double> Sample(
        ((long Busy, long All) Processors, (long Received, long Sent) Network) before,
        ((long Busy, long All) Processors, (long Received, long Sent) Network) now,
        DriveInfo disk
    )
    {
        var memory = ReadMemory();
        var used = memory["MemTotal"] - memory["MemAvailable"];
        var (busy, all) = (now.Processors.Busy - before.Processors.Busy, now.Processors.All - before.Processors.All);
        return new Dictionary<string, double>
        {
            ["system/cpu_utilization_percentage"] = all > 0 ? 100.0 * busy / all : 0,
            ["system/system_memory_usage_megabytes"] = used / Mega,
            ["system/system_memory_usage_percentage"] = 100.0 * used / memory["MemTotal"],
            ["system/process_memory_usage_megabytes"] = Environment.WorkingSet / Mega,
            ["system/disk_usage_percentage"] = 100.0 * (disk.TotalSize - disk.AvailableFreeSpace) / disk.TotalSize,
            ["system/disk_usage_megabytes"] = (disk.TotalSize - disk.AvailableFreeSpace) / Mega,
            ["system/disk_available_megabytes"] = disk.AvailableFreeSpace / Mega,
            ["system/network_receive_megabytes"] = (now.Network.Received - before.Network.Received) / Mega,
            ["system/network_transmit_megabytes"] = (now.Network.Sent - before.Network.Sent) / Mega,
        };
    }

    // cpu user nice system idle iowait irq softirq…
    static (long Busy, long All) ReadProcessors()
    {
        long[] ticks =
        [
            .. File.ReadLines("/proc/stat")
                .First()
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Take(8)
                .Select(long.Parse),
        ];
        return (ticks.Sum() - ticks[3] - ticks[4], ticks.Sum());
    }

    static Dictionary<string, double> ReadMemory() =>
        File.ReadLines("/proc/meminfo")
            .Select(line => line.Split([':', ' '], StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => double.Parse(words[1]) * 1024);

    static (long Received, long Sent) ReadNetwork()
    {
        long[][] counts =
        [
            .. File.ReadLines("/proc/net/dev")
                .Select(line => line.Split(':', 2))
                .Where(parts => parts.Length == 2 && parts[0].Trim() != "lo")
                .Select(parts =>
                    parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToArray()
                ),
        ];
        return (counts.Sum(count => count[0]), counts.Sum(count => count[8]));
    }
}
