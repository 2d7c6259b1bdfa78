using System.Text;
using Microsoft.Data.Sqlite;

namespace Gan.Experiments;

/// <summary>Finds runs, and what a store has of them, by SQL.</summary>
internal sealed class SqliteSearch(SqliteDatabase database, string artifactRoot)
{
    readonly List<(string Name, object Value)> parameters = [];

    /// <summary>The runs of a query.</summary>
    public IReadOnlyList<FoundRun> Runs(RunQuery query)
    {
        var sql = new StringBuilder(
            """
            SELECT run_uuid, runs.name, experiments.name, status, start_time, end_time, artifact_uri, runs.experiment_id
            FROM runs JOIN experiments ON runs.experiment_id = experiments.experiment_id
            """
        );
        sql.Append($" WHERE runs.lifecycle_stage = {Bind(query.Deleted ? "deleted" : "active")}");
        if (query.Experiment is { } experiment)
            sql.Append($" AND experiments.name = {Bind(experiment)}");
        foreach (var condition in query.Filter.Conditions)
            sql.Append($" AND {Holds(condition)}");
        sql.Append(" ORDER BY ");
        if (query.Order is { } order)
            sql.Append($"{Value(order.Key)} {(order.Descending ? "DESC" : "ASC")} NULLS LAST, ");
        sql.Append($"start_time DESC, runs.rowid DESC LIMIT {Bind(query.Limit)}");
        return database.Query(sql.ToString(), Run, [.. parameters]);
    }

    /// <summary>Parameters, tags and latest metrics of runs, by their ids.</summary>
    public IReadOnlyDictionary<string, RunValues> Values(IReadOnlyCollection<FoundRun> runs)
    {
        var texts = (Parameters: Map<string>(runs), Tags: Map<string>(runs));
        var metrics = Map<double>(runs);
        // A list of many ids is longer to look through than a whole table to read.
        foreach (
            var ids in runs.Count > 500
                ?
                [
                    [],
                ]
                : runs.Select(run => run.RunId).Chunk(500)
        )
        {
            parameters.Clear();
            var these = ids.Length == 0 ? "" : $"WHERE run_uuid IN ({string.Join(", ", ids.Select(Bind))})";
            Read($"SELECT run_uuid, key, value FROM params {these}", texts.Parameters, reader => reader.GetString(2));
            Read(
                $"SELECT run_uuid, key, value FROM tags {these}",
                texts.Tags,
                reader => reader.IsDBNull(2) ? "" : reader.GetString(2)
            );
            Read(
                $"SELECT run_uuid, key, value, is_nan FROM latest_metrics {these}",
                metrics,
                reader => reader.GetBoolean(3) ? double.NaN : MetricRows.Read(reader.GetDouble(2))
            );
        }
        return runs.ToDictionary(
            run => run.RunId,
            run => new RunValues(texts.Parameters[run.RunId], texts.Tags[run.RunId], metrics[run.RunId])
        );
    }

    static Dictionary<string, SortedDictionary<string, T>> Map<T>(IEnumerable<FoundRun> runs) =>
        runs.ToDictionary(run => run.RunId, _ => new SortedDictionary<string, T>(StringComparer.Ordinal));

    void Read<T>(string sql, Dictionary<string, SortedDictionary<string, T>> into, Func<SqliteDataReader, T> read)
    {
        foreach (
            var (run, key, value) in database.Query(
                sql,
                row => (row.GetString(0), row.GetString(1), read(row)),
                [.. parameters]
            )
        )
            if (into.TryGetValue(run, out var values))
                values[key] = value;
    }

    FoundRun Run(SqliteDataReader reader) =>
        new(
            reader.GetString(0),
            reader.IsDBNull(1) ? "" : reader.GetString(1),
            reader.GetString(2),
            reader.IsDBNull(3) ? "" : reader.GetString(3),
            RunTracker.TimeOf(reader.IsDBNull(4) ? 0 : reader.GetInt64(4)),
            reader.IsDBNull(5) ? null : RunTracker.TimeOf(reader.GetInt64(5)),
            FolderOf(
                reader.GetString(0),
                reader.GetValue(7).ToString()!,
                reader.IsDBNull(6) ? "" : reader.GetString(6)
            ),
            database.File
        );

    string Holds(RunCondition condition)
    {
        var value = Value(condition.Key);
        if (condition.Number is { } number)
            return condition.Key.Entity is RunEntity.Metric or RunEntity.Attribute
                ? $"{value} {condition.Comparison} {Bind(number)}"
                // A text that is no number is 0 to SQLite; it meets no comparison of numbers.
                : $"({value} GLOB '*[0-9]*' AND {value} NOT GLOB '*[^0-9.eE+-]*' AND CAST({value} AS REAL) {condition.Comparison} {Bind(number)})";
        return condition.Comparison switch
        {
            "LIKE" => $"({value} LIKE {Bind(condition.Text)} AND {value} GLOB {Bind(Glob(condition.Text))})",
            "ILIKE" => $"{value} LIKE {Bind(condition.Text)}",
            var comparison => $"{value} {comparison} {Bind(condition.Text)}",
        };
    }

    // LIKE of SQLite does not tell case; GLOB does.
    static string Glob(string like) =>
        like.Replace("[", "[[]").Replace("*", "[*]").Replace("?", "[?]").Replace('%', '*').Replace('_', '?');

    string Value(RunKey key) =>
        key.Entity switch
        {
            RunEntity.Metric =>
                $"(SELECT CASE WHEN is_nan THEN NULL ELSE value END FROM latest_metrics v WHERE v.key = {Bind(key.Key)} AND v.run_uuid = runs.run_uuid)",
            RunEntity.Param =>
                $"(SELECT value FROM params v WHERE v.key = {Bind(key.Key)} AND v.run_uuid = runs.run_uuid)",
            RunEntity.Tag => $"(SELECT value FROM tags v WHERE v.key = {Bind(key.Key)} AND v.run_uuid = runs.run_uuid)",
            _ => key.Key switch
            {
                "status" => "status",
                "run_name" => "runs.name",
                "run_id" => "run_uuid",
                _ => "start_time",
            },
        };

    string Bind(object value)
    {
        var name = $"$p{parameters.Count}";
        parameters.Add((name, value));
        return name;
    }

    // Beside the store, wherever that was moved or copied to; or else where the run was made.
    RunFolder FolderOf(string runId, string experiment, string uri) =>
        RunFolder.Of(artifactRoot, experiment, runId) is var beside && Directory.Exists(beside.Path)
            ? beside
            : new RunFolder(runId, Path.GetDirectoryName(LocalPath(uri)) ?? "");

    static string LocalPath(string uri) =>
        uri.StartsWith("file:", StringComparison.Ordinal) && Uri.TryCreate(uri, UriKind.Absolute, out var known)
            ? known.LocalPath
            : uri;
}
