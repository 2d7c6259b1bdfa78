using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gan.Experiments;

/// <summary>What a run measured of its quality, as a table that MLflow shows.</summary>
internal static class RunTables
{
    const string Prefix = "evaluation/";
    const string Name = "evaluation.json";

    static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes the table of a run's evaluations, a row per step; nothing where there are none.</summary>
    /// <returns>The tag by which MLflow knows it.</returns>
    public static IReadOnlyDictionary<string, string> Write(RunFolder folder)
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
            return new Dictionary<string, string>();
        string[] columns = [.. rows.Values.SelectMany(row => row.Keys).Distinct().Order(StringComparer.Ordinal)];
        var table = new
        {
            columns = columns.Prepend("step"),
            data = rows.Select(row =>
                columns.Select(column => row.Value.GetValueOrDefault(column, double.NaN)).Prepend(row.Key)
            ),
        };
        AtomicFile.WriteText(Path.Combine(folder.Artifacts, Name), JsonSerializer.Serialize(table, Options));
        return new Dictionary<string, string>
        {
            ["mlflow.loggedArtifacts"] = $$"""[{"path": "{{Name}}", "type": "table"}]""",
        };
    }
}
