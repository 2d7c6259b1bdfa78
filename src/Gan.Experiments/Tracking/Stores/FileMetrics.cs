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
        var byKey =
            from record in records
            from pair in record.Values
            let line = string.Create(CultureInfo.InvariantCulture, $"{record.Time} {Text(pair.Value)} {record.Step}")
            group line by pair.Key;
        foreach (var lines in byKey)
        {
            var file = FileRun.FileOf(run, "metrics", lines.Key);
            var known = compare && File.Exists(file) ? Whole(file) : [];
            var fresh = lines.Where(line => !known.Contains(line)).ToList();
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
        if (Directory.Exists(folder))
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                if (File.ReadLines(file).Select(Parse).Max() is { } last)
                    latest[Path.GetRelativePath(folder, file)] = last.Value;
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
        double.TryParse(text.Replace("inf", "Infinity"), NumberStyles.Float, CultureInfo.InvariantCulture, out var read)
            ? read
            : double.NaN;
}
