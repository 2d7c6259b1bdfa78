namespace Gan.Experiments;

/// <summary>What a run measured of its quality, as a table that MLflow shows.</summary>
internal static class RunTables
{
    const string Prefix = "evaluation/";
    const string Name = "evaluation.json";

    /// <summary>Writes the table of a run's evaluations, a row per step; nothing where there are none.</summary>
    /// <returns>The value of the tag by which MLflow knows it; null where there is no table.</returns>
    public static string? Write(RunFolder folder)
    {
        var rows = new SortedDictionary<long, Dictionary<string, double>>();
        foreach (var record in Journal.Records<JournalRecord.Metrics>(folder.Journal))
        foreach (var (key, value) in record.Values)
            if (key.StartsWith(Prefix, StringComparison.Ordinal))
            {
                if (!rows.TryGetValue(record.Step, out var row))
                    rows[record.Step] = row = [];
                row[key[Prefix.Length..]] = value;
            }
        if (rows.Count == 0)
            return null;
        string[] columns = [.. rows.Values.SelectMany(row => row.Keys).Distinct().Order(StringComparer.Ordinal)];
        var table = new
        {
            columns = columns.Prepend("step"),
            data = rows.Select(row =>
                columns.Select(column => row.Value.GetValueOrDefault(column, double.NaN)).Prepend(row.Key)
            ),
        };
        AtomicFile.WriteText(
            Path.Combine(folder.Artifacts, Name),
            JsonSerializer.Serialize(table, FingerprintLines.Options)
        );
        return $$"""[{"path": "{{Name}}", "type": "table"}]""";
    }
}
