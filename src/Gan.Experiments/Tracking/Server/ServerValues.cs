using System.Text.Json.Nodes;

namespace Gan.Experiments;

/// <summary>What a run's records are in the words of MLflow's REST interface.</summary>
internal static class ServerValues
{
    const int LongestText = 5000;

    /// <summary>A key and its value, as far as the oldest server takes it.</summary>
    public static JsonObject Pair(KeyValuePair<string, string> pair) =>
        new()
        {
            ["key"] = pair.Key,
            ["value"] = pair.Value.Length <= LongestText ? pair.Value : pair.Value[..LongestText],
        };

    /// <summary>The latest value of each key.</summary>
    public static Dictionary<string, string> Latest(IEnumerable<IReadOnlyDictionary<string, string>> sets)
    {
        var latest = new Dictionary<string, string>();
        foreach (var (key, value) in sets.SelectMany(set => set))
            latest[key] = value;
        return latest;
    }

    /// <summary>The values of steps, each with its step and time.</summary>
    public static IEnumerable<JsonObject> Metrics(IEnumerable<JournalRecord.Metrics> records) =>
        from record in records
        from pair in record.Values
        select new JsonObject
        {
            ["key"] = pair.Key,
            ["value"] = Number(pair.Value),
            ["timestamp"] = record.Time,
            ["step"] = record.Step,
        };

    // JSON has no such numbers; the server takes their names.
    static JsonValue Number(double value) =>
        double.IsNaN(value) ? JsonValue.Create("NaN")
        : double.IsPositiveInfinity(value) ? JsonValue.Create("Infinity")
        : double.IsNegativeInfinity(value) ? JsonValue.Create("-Infinity")
        : JsonValue.Create(value);

    /// <summary>The data set that a run was trained on.</summary>
    public static JsonObject Dataset(string runId, JournalRecord.Dataset dataset) =>
        new()
        {
            ["run_id"] = runId,
            ["datasets"] = new JsonArray(
                new JsonObject
                {
                    ["tags"] = new JsonArray(
                        new JsonObject { ["key"] = "mlflow.data.context", ["value"] = "training" }
                    ),
                    ["dataset"] = new JsonObject
                    {
                        ["name"] = dataset.Name,
                        ["digest"] = dataset.Digest,
                        ["source_type"] = dataset.Kind,
                        ["source"] = dataset.Source,
                        ["profile"] = dataset.Profile,
                    },
                }
            ),
        };

    /// <summary>A run's status, with the time of its end where it has one.</summary>
    public static JsonObject Status(string runId, JournalRecord.Status status)
    {
        var update = new JsonObject { ["run_id"] = runId, ["status"] = status.Value.ToString().ToUpperInvariant() };
        if (status.Value.HasEnded())
            update["end_time"] = status.Time;
        return update;
    }

    /// <summary>A text of an answer.</summary>
    /// <exception cref="UserException">The answer lacks it.</exception>
    public static string Text(JsonNode answer, string key) => Node(answer, key).ToString();

    /// <summary>A part of an answer.</summary>
    /// <exception cref="UserException">The answer lacks it.</exception>
    public static JsonNode Node(JsonNode answer, string key) =>
        answer[key] ?? throw new UserException($"The server's answer lacks '{key}': {answer.ToJsonString()}");
}
