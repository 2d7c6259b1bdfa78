namespace Gan.Experiments;

/// <summary>What a run's records are in the words of MLflow's REST interface.</summary>
internal static class ServerValues
{
    const int LongestText = 5000;

    /// <summary>A key and its value, as far as the oldest server takes it.</summary>
    public static object Pair(KeyValuePair<string, string> pair) =>
        new { key = pair.Key, value = pair.Value.Length <= LongestText ? pair.Value : pair.Value[..LongestText] };

    /// <summary>The latest value of each key.</summary>
    public static Dictionary<string, string> Latest(IEnumerable<IReadOnlyDictionary<string, string>> sets)
    {
        var latest = new Dictionary<string, string>();
        foreach (var (key, value) in sets.SelectMany(set => set))
            latest[key] = value;
        return latest;
    }

    /// <summary>The values of steps, each with its step and time.</summary>
    public static IEnumerable<object> Metrics(IEnumerable<JournalRecord.Metrics> records) =>
        from record in records
        from pair in record.Values
        select new
        {
            key = pair.Key,
            value = pair.Value,
            timestamp = record.Time,
            step = record.Step,
        };

    /// <summary>The data set that a run was trained on.</summary>
    public static object Dataset(string runId, JournalRecord.Dataset dataset) =>
        new
        {
            run_id = runId,
            datasets = new[]
            {
                new
                {
                    tags = new[] { new { key = "mlflow.data.context", value = "training" } },
                    dataset = new
                    {
                        name = dataset.Name,
                        digest = dataset.Digest,
                        source_type = dataset.Kind,
                        source = dataset.Source,
                        profile = dataset.Profile,
                    },
                },
            },
        };

    /// <summary>A run's status, with the time of its end where it has one.</summary>
    public static object Status(string runId, JournalRecord.Status status) =>
        new
        {
            run_id = runId,
            status = status.Value.ToString().ToUpperInvariant(),
            end_time = status.End,
        };

    /// <summary>A text of an answer.</summary>
    /// <exception cref="UserException">The answer lacks it.</exception>
    public static string Text(this JsonNode answer, string key) => answer.Node(key).ToString();

    /// <summary>A part of an answer.</summary>
    /// <exception cref="UserException">The answer lacks it.</exception>
    public static JsonNode Node(this JsonNode answer, string key) =>
        answer[key] ?? throw new UserException($"The server's answer lacks '{key}': {answer.ToJsonString()}");
}
