using Microsoft.Data.Sqlite;

namespace Gan.Experiments;

/// <summary>Finds runs, and what a store has of them, by SQL.</summary>
internal sealed class SqliteSearch(SqliteDatabase database, string artifactRoot)
{
    readonly List<(string Name, object Value)> bound = [];

    /// <summary>The runs of a query.</summary>
    public IReadOnlyList<FoundRun> Runs(RunQuery query)
    {
        var sql = new StringBuilder(
            """
            SELECT run_uuid, coalesce(runs.name, ''), experiments.name, coalesce(status, ''), coalesce(start_time, 0),
              end_time, coalesce(artifact_uri, ''), runs.experiment_id
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
        return database.Query(sql.ToString(), Run, [.. bound]);
    }

    /// <summary>Parameters, tags and latest metrics of runs, by their ids.</summary>
    public IReadOnlyDictionary<string, RunValues> Values(IReadOnlyCollection<FoundRun> runs)
    {
        // A list of many ids is longer to look through than a whole table to read.
        var these =
            runs.Count > 500 ? "" : $"WHERE run_uuid IN ({string.Join(", ", runs.Select(run => Bind(run.RunId)))})";
        var parameters = Read($"SELECT run_uuid, key, value FROM params {these}", row => row.GetString(2));
        var tags = Read($"SELECT run_uuid, key, coalesce(value, '') FROM tags {these}", row => row.GetString(2));
        var metrics = Read(
            $"SELECT run_uuid, key, value, is_nan FROM latest_metrics {these}",
            row => row.GetBoolean(3) ? double.NaN : MetricRows.Read(row.GetDouble(2))
        );
        return runs.ToDictionary(
            run => run.RunId,
            run => new RunValues(parameters[run.RunId], tags[run.RunId], metrics[run.RunId])
        );

        Dictionary<string, SortedDictionary<string, T>> Read<T>(string sql, Func<SqliteDataReader, T> read)
        {
            var values = runs.ToDictionary(
                run => run.RunId,
                _ => new SortedDictionary<string, T>(StringComparer.Ordinal)
            );
            var rows = database.Query(sql, row => (row.GetString(0), row.GetString(1), read(row)), [.. bound]);
            foreach (var (run, key, value) in rows)
                if (values.TryGetValue(run, out var own))
                    own[key] = value;
            return values;
        }
    }

    FoundRun Run(SqliteDataReader reader) =>
        new(
            reader.GetString(0),
            reader.GetString(1),
            reader.GetString(2),
            reader.GetString(3),
            RunTracker.TimeOf(reader.GetInt64(4)),
            reader.IsDBNull(5) ? null : RunTracker.TimeOf(reader.GetInt64(5)),
            FolderOf(reader.GetString(0), reader.GetString(7), reader.GetString(6)),
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
        key switch
        {
            (RunEntity.Metric, var name) => Entry("latest_metrics", "CASE WHEN is_nan THEN NULL ELSE value END", name),
            (RunEntity.Param, var name) => Entry("params", "value", name),
            (RunEntity.Tag, var name) => Entry("tags", "value", name),
            (_, "status") => "status",
            (_, "run_name") => "runs.name",
            (_, "run_id") => "run_uuid",
            _ => "start_time",
        };

    string Entry(string table, string value, string key) =>
        $"(SELECT {value} FROM {table} v WHERE v.key = {Bind(key)} AND v.run_uuid = runs.run_uuid)";

    string Bind(object value)
    {
        var name = $"$p{bound.Count}";
        bound.Add((name, value));
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
