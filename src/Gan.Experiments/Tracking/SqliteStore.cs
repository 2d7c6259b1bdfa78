using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Gan.Experiments;

/// <summary>
/// An MLflow tracking store in one SQLite file, at schema revision acf3f17fdcc7 when made here, or at a later one that
/// MLflow has upgraded it to. Several processes may write to one file: each waits for the other up to 20 seconds.
/// </summary>
public sealed class SqliteStore : IDisposable
{
    static readonly Lazy<bool> Provider = new(LoadProvider);

    readonly SqliteConnection connection;

    SqliteStore(SqliteConnection connection) => this.connection = connection;

    /// <summary>Opens a store, and makes its tables where the file is new.</summary>
    /// <exception cref="UserException">The file cannot be opened or is no MLflow store.</exception>
    public static SqliteStore Open(string file)
    {
        _ = Provider.Value;
        var full = Path.GetFullPath(file);
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = full,
                Pooling = false,
                DefaultTimeout = 20,
            }.ToString()
        );
        try
        {
            connection.Open();
            var store = new SqliteStore(connection);
            store.Execute("PRAGMA busy_timeout = 20000");
            store.Execute("PRAGMA foreign_keys = ON");
            store.RequireSchema(full);
            return store;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw new UserException($"The tracking store '{full}' cannot be used: {Reason(failure)}.");
        }
    }

    /// <summary>The id of an experiment, which is made where there is none of the name.</summary>
    /// <exception cref="UserException">The experiment was deleted in MLflow.</exception>
    public long ExperimentId(string name) => Guarded(() => FindOrCreate(name));

    /// <summary>Writes records of one run, all or none. Writing them again changes nothing.</summary>
    /// <exception cref="UserException">The store did not take them.</exception>
    public void Write(string runId, IReadOnlyList<JournalRecord> records) =>
        Guarded(() =>
        {
            WriteAll(runId, records);
            return true;
        });

    // What SQLite says becomes a sentence that a user can act on.
    T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SqliteException failure)
        {
            throw new UserException($"The tracking store '{connection.DataSource}' cannot be used: {Reason(failure)}.");
        }
    }

    long FindOrCreate(string name)
    {
        using var transaction = connection.BeginTransaction();
        if (Find(name) is not { } id)
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            Execute(
                "INSERT INTO experiments (name, lifecycle_stage, creation_time, last_update_time) VALUES ($name, 'active', $now, $now)",
                ("$name", name),
                ("$now", now)
            );
            id = (long)Scalar("SELECT last_insert_rowid()")!;
            Execute(
                "UPDATE experiments SET artifact_location = $place WHERE experiment_id = $id",
                ("$place", Path.Combine(ArtifactRoot, id.ToString())),
                ("$id", id)
            );
        }
        transaction.Commit();
        return id;
    }

    /// <summary>Where artifacts go: the folder <c>mlruns</c> beside the file.</summary>
    public string ArtifactRoot => Path.Combine(Path.GetDirectoryName(connection.DataSource)!, "mlruns");

    void WriteAll(string runId, IReadOnlyList<JournalRecord> records)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var record in records)
            switch (record)
            {
                case JournalRecord.Started started:
                    WriteStart(started);
                    break;
                case JournalRecord.Parameters parameters:
                    foreach (var (key, value) in parameters.Values)
                        Execute(
                            "INSERT OR IGNORE INTO params (key, value, run_uuid) VALUES ($key, $value, $run)",
                            ("$key", key),
                            ("$value", Cut(value, 6000)),
                            ("$run", runId)
                        );
                    break;
                case JournalRecord.Tags tags:
                    foreach (var (key, value) in tags.Values)
                        WriteTag(runId, key, value);
                    break;
                case JournalRecord.Dataset dataset:
                    WriteDataset(runId, dataset);
                    break;
                case JournalRecord.Status status:
                    Execute(
                        "UPDATE runs SET status = $status, end_time = $time WHERE run_uuid = $run",
                        ("$status", status.Value.ToString().ToUpperInvariant()),
                        ("$time", status.Value == RunStatus.Running ? DBNull.Value : status.Time),
                        ("$run", runId)
                    );
                    break;
            }
        MetricRows.Write(connection, runId, records.OfType<JournalRecord.Metrics>());
        transaction.Commit();
    }

    /// <summary>Reads rows by a query with named parameters.</summary>
    internal IReadOnlyList<T> Query<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        params (string Name, object Value)[] parameters
    )
    {
        using var command = Command(sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    void WriteStart(JournalRecord.Started started)
    {
        Execute(
            """
            INSERT OR IGNORE INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,
              start_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
            VALUES ($run, $name, 'LOCAL', 'gan', '', $user, 'RUNNING', $time, '', 'active', $uri, $experiment)
            """,
            ("$run", started.RunId),
            ("$name", started.RunName),
            ("$user", started.User),
            ("$time", started.Time),
            ("$uri", started.ArtifactUri),
            (
                "$experiment",
                Find(started.Experiment)
                    ?? throw new UserException($"The experiment '{started.Experiment}' is gone from the store.")
            )
        );
        WriteTag(started.RunId, "mlflow.runName", started.RunName);
        WriteTag(started.RunId, "mlflow.user", started.User);
        WriteTag(started.RunId, "mlflow.source.type", "LOCAL");
        WriteTag(started.RunId, "mlflow.source.name", "gan");
    }

    void WriteTag(string runId, string key, string value) =>
        Execute(
            "INSERT INTO tags (key, value, run_uuid) VALUES ($key, $value, $run) ON CONFLICT (key, run_uuid) DO UPDATE SET value = $value",
            ("$key", key),
            ("$value", Cut(value, 5000)),
            ("$run", runId)
        );

    void WriteDataset(string runId, JournalRecord.Dataset dataset)
    {
        var experiment = Scalar("SELECT experiment_id FROM runs WHERE run_uuid = $run", ("$run", runId))!;
        Execute(
            """
            INSERT OR IGNORE INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source, dataset_profile)
            VALUES ($id, $experiment, $name, $digest, $kind, $source, $profile)
            """,
            ("$id", Guid.NewGuid().ToString("N")),
            ("$experiment", experiment),
            ("$name", dataset.Name),
            ("$digest", dataset.Digest),
            ("$kind", dataset.Kind),
            ("$source", dataset.Source),
            ("$profile", dataset.Profile)
        );
        var id = (string)
            Scalar(
                "SELECT dataset_uuid FROM datasets WHERE experiment_id = $experiment AND name = $name AND digest = $digest",
                ("$experiment", experiment),
                ("$name", dataset.Name),
                ("$digest", dataset.Digest)
            )!;
        var input = Guid.NewGuid().ToString("N");
        Execute(
            """
            INSERT OR IGNORE INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)
            VALUES ($input, 'DATASET', $dataset, 'RUN', $run)
            """,
            ("$input", input),
            ("$dataset", id),
            ("$run", runId)
        );
        Execute(
            "INSERT OR IGNORE INTO input_tags (input_uuid, name, value) SELECT input_uuid, 'mlflow.data.context', 'training' FROM inputs WHERE input_uuid = $input",
            ("$input", input)
        );
    }

    long? Find(string experiment)
    {
        var rows = Query(
            "SELECT experiment_id, lifecycle_stage FROM experiments WHERE name = $name",
            reader => (Id: reader.GetInt64(0), Stage: reader.GetString(1)),
            ("$name", experiment)
        );
        return rows switch
        {
            [] => null,
            [{ Stage: "deleted" }] => throw new UserException(
                $"The experiment '{experiment}' was deleted in MLflow. Restore it there, or name another: --set experiment=NAME."
            ),
            [var row, ..] => row.Id,
        };
    }

    void RequireSchema(string file)
    {
        if ((long)Scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table'")! == 0)
            CreateTables();
        var tables = Query("SELECT name FROM sqlite_master WHERE type = 'table'", reader => reader.GetString(0));
        string[] written =
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
        if (written.Except(tables).Any())
            throw new UserException(
                $"'{file}' is a database, but not MLflow's: it lacks the table {string.Join(", ", written.Except(tables))}."
            );
        var columns = Query("SELECT name FROM pragma_table_info('runs')", reader => reader.GetString(0));
        string[] needed = ["run_uuid", "name", "status", "start_time", "end_time", "artifact_uri", "experiment_id"];
        if (needed.Except(columns).Any())
            throw new UserException(
                $"'{file}' is a database, but not MLflow's: its table runs lacks {string.Join(", ", needed.Except(columns))}."
            );
    }

    void CreateTables()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("schema.sql")!;
        var schema = new StreamReader(stream).ReadToEnd();
        // Immediate: a second process waits here, and then finds the tables made.
        using var transaction = connection.BeginTransaction();
        if ((long)Scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table'")! == 0)
        {
            Execute(schema);
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            Execute(
                """
                INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time)
                VALUES (0, 'Default', $place, 'active', $now, $now)
                """,
                ("$place", Path.Combine(ArtifactRoot, "0")),
                ("$now", now)
            );
        }
        transaction.Commit();
    }

    void Execute(string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        command.ExecuteNonQuery();
    }

    object? Scalar(string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteScalar();
    }

    SqliteCommand Command(string sql, (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    static string Cut(string value, int length) => value.Length <= length ? value : value[..length];

    /// <summary>SQLite's words for a failure, without the library's frame around them.</summary>
    static string Reason(SqliteException failure) =>
        failure.Message.Replace($"SQLite Error {failure.SqliteErrorCode}: ", "").Trim('\'', '.');

    static bool LoadProvider()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly,
            (name, _, _) =>
            {
                if (name != "e_sqlite3")
                    return 0;
                string[] names = ["libsqlite3.so.0", "libsqlite3.so", "libsqlite3.dylib", "winsqlite3.dll"];
                foreach (var candidate in names)
                    if (NativeLibrary.TryLoad(candidate, out var library))
                        return library;
                throw new UserException(
                    "The system's SQLite library (libsqlite3.so.0) is missing. Install it with: dotnet fsi build.fsx setup"
                );
            }
        );
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        return true;
    }
}
