using System.Reflection;

namespace Gan.Experiments;

/// <summary>MLflow's tables: revision acf3f17fdcc7 where they are made here, or a later one that MLflow has upgraded them to.</summary>
internal static class SqliteSchema
{
    static readonly string[] Written =
    [
        "experiments",
        "runs",
        "metrics",
        "latest_metrics",
        "params",
        "tags",
        "datasets",
        "inputs",
        "input_tags",
    ];

    static readonly string[] Columns =
    [
        "run_uuid",
        "name",
        "status",
        "start_time",
        "end_time",
        "artifact_uri",
        "experiment_id",
    ];

    /// <summary>Makes the tables where the file has none, and sees that they are MLflow's.</summary>
    /// <exception cref="UserException">They are not.</exception>
    public static void Require(SqliteDatabase database, string artifactRoot)
    {
        if (IsEmpty(database))
            Create(database, artifactRoot);
        RequireNames(Written, "SELECT name FROM sqlite_master WHERE type = 'table'", "it lacks the table");
        RequireNames(Columns, "SELECT name FROM pragma_table_info('runs')", "its table runs lacks");

        void RequireNames(string[] names, string query, string lack)
        {
            var missing = string.Join(", ", names.Except(database.Query(query, reader => reader.GetString(0))));
            if (missing.Length > 0)
                throw new UserException($"'{database.File}' is a database, but not MLflow's: {lack} {missing}.");
        }
    }

    // In a transaction: a second process waits here, and then finds the tables made.
    static void Create(SqliteDatabase database, string artifactRoot) =>
        database.InTransaction(() =>
        {
            if (!IsEmpty(database))
                return;
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("schema.sql")!;
            database.Execute(new StreamReader(stream).ReadToEnd());
            database.Execute(
                """
                INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
                VALUES (0, 'Default', $place, 'active', $now, $now)
                """,
                ("$place", Path.Combine(artifactRoot, "0")),
                ("$now", RunTracker.Now)
            );
        });

    static bool IsEmpty(SqliteDatabase database) =>
        (long)database.Scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table'")! == 0;
}
