namespace Gan.Experiments;

/// <summary>A run as the store knows it.</summary>
public sealed record FoundRun(
    string RunId,
    string Name,
    string Experiment,
    string Status,
    DateTimeOffset Start,
    DateTimeOffset? End,
    RunFolder Folder,
    string Store
)
{
    internal const string PretrainedTag = "gan.pretrained";

    /// <summary>The checkpoint that the run's first weights are from; null where they were drawn.</summary>
    public string? Pretrained =>
        Journal.Records<JournalRecord.Tags>(Folder.Journal).FirstOrDefault()?.Values.GetValueOrDefault(PretrainedTag);

    /// <summary>The run's spec, with values set anew.</summary>
    public ExperimentSpec ReadSpec(IEnumerable<string> assignments) => ExperimentSpec.Load(Folder.Spec, assignments);
}

/// <summary>Finds runs in a store.</summary>
public static class RunIndex
{
    /// <summary>The runs of a store, the latest first; of one experiment where it is named.</summary>
    public static IReadOnlyList<FoundRun> List(string file, string? experiment, int limit)
    {
        if (Directory.Exists(file))
            throw new UserException($"'{file}' is a folder; a tracking store is a file, as mlflow.db.");
        if (!File.Exists(file))
            return [];
        using var store = SqliteStore.Open(file);
        return store.Query(
            """
            SELECT run_uuid, runs.name, experiments.name, status, start_time, end_time, artifact_uri
            FROM runs JOIN experiments ON runs.experiment_id = experiments.experiment_id
            WHERE runs.lifecycle_stage = 'active' AND ($experiment = '' OR experiments.name = $experiment)
            ORDER BY start_time DESC LIMIT $limit
            """,
            reader => new FoundRun(
                reader.GetString(0),
                reader.IsDBNull(1) ? "" : reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)),
                reader.IsDBNull(5) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(5)),
                new RunFolder(reader.GetString(0), Path.GetDirectoryName(LocalPath(reader.GetString(6))) ?? ""),
                Path.GetFullPath(file)
            ),
            ("$experiment", experiment ?? ""),
            ("$limit", limit)
        );
    }

    /// <summary>
    /// The run of a name, the latest where several bear it; or else the one whose id is so or begins so, by four letters or
    /// more.
    /// </summary>
    /// <exception cref="UserException">There is none, or the beginning fits several ids.</exception>
    public static FoundRun Find(string file, string text)
    {
        const int leastPrefix = 4;
        var runs = List(file, null, int.MaxValue);
        if (runs.FirstOrDefault(run => run.Name == text) is { } named)
            return named;
        var byId = runs.Where(run =>
                text.Length >= leastPrefix && run.RunId.StartsWith(text, StringComparison.OrdinalIgnoreCase)
            )
            .ToArray();
        if (byId.Length > 1)
            throw new UserException($"'{text}' begins {byId.Length} runs' ids; give more of it.");
        return byId.FirstOrDefault()
            ?? throw new UserException(
                $"There is no run '{text}' in '{file}'. {(runs.Count == 0 ? "It has no runs." : $"The latest is {runs[0].RunId[..8]} ({runs[0].Name}); list them with: gan runs")}"
            );
    }

    /// <summary>The latest values of a run's metrics.</summary>
    public static IReadOnlyDictionary<string, double> Metrics(FoundRun run)
    {
        using var store = SqliteStore.Open(run.Store);
        return store
            .Query(
                "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = $run ORDER BY key",
                reader => (Key: reader.GetString(0), Value: reader.GetBoolean(2) ? double.NaN : reader.GetDouble(1)),
                ("$run", run.RunId)
            )
            .ToDictionary(row => row.Key, row => row.Value);
    }

    static string LocalPath(string uri) =>
        uri.StartsWith("file:", StringComparison.Ordinal) ? new Uri(uri).LocalPath : uri;
}
