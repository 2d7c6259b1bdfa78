using System.Globalization;
using System.Text;

namespace Gan.Experiments;

/// <summary>The metrics of a run of MLflow's file store: a file per key, a line <c>timestamp value step</c> per value.</summary>
internal static class FileMetrics
{
    /// <summary>Appends values, whole lines in one write per file.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="records">The values.</param>
    /// <param name="compare">True where some may be there already: each stands once in the end.</param>
    public static void Append(string run, IEnumerable<JournalRecord.Metrics> records, bool compare)
    {
        var lines = new Dictionary<string, List<string>>();
        foreach (var record in records)
        foreach (var (key, value) in record.Values)
        {
            if (!lines.TryGetValue(key, out var list))
                lines[key] = list = [];
            list.Add(string.Create(CultureInfo.InvariantCulture, $"{record.Time} {Text(value)} {record.Step}"));
        }
        foreach (var (key, list) in lines)
        {
            var file = FileRun.FileOf(run, "metrics", key);
            var known = compare && File.Exists(file) ? Whole(file) : [];
            var fresh = list.Where(line => !known.Contains(line)).ToList();
            if (fresh.Count == 0)
                continue;
            using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            stream.Write(Encoding.UTF8.GetBytes(string.Join('\n', fresh) + "\n"));
        }
    }

    /// <summary>Each key's latest value: that of the greatest step, and of the latest time.</summary>
    public static SortedDictionary<string, double> Latest(string run)
    {
        var folder = Path.Combine(run, "metrics");
        var latest = new SortedDictionary<string, double>(StringComparer.Ordinal);
        if (!Directory.Exists(folder))
            return latest;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            (long Step, long Time, double Value)? best = null;
            foreach (var line in File.ReadLines(file))
                if (Parse(line) is { } value && (best is null || value.CompareTo(best.Value) > 0))
                    best = value;
            if (best is { } found)
                latest[Path.GetRelativePath(folder, file)] = found.Value;
        }
        return latest;
    }

    // The lines that are whole; a torn one at the end is cut off, since MLflow could not read the file with it.
    static HashSet<string> Whole(string file)
    {
        var text = File.ReadAllText(file);
        if (text.Length > 0 && !text.EndsWith('\n'))
        {
            text = text[..(text.LastIndexOf('\n') + 1)];
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Write);
            stream.SetLength(Encoding.UTF8.GetByteCount(text));
        }
        return [.. text.Split('\n')];
    }

    static (long Step, long Time, double Value)? Parse(string line) =>
        line.Split(' ') is [var time, var value, var step, ..]
        && long.TryParse(time, out var at)
        && long.TryParse(step, out var inStep)
            ? (inStep, at, Number(value))
            : null;

    // Python's float() reads nan, inf and -inf.
    static string Text(double value) =>
        double.IsNaN(value) ? "nan"
        : double.IsInfinity(value) ? (value > 0 ? "inf" : "-inf")
        : value.ToString("R", CultureInfo.InvariantCulture);

    static double Number(string text) =>
        text switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? value
                : double.NaN,
        };
}
