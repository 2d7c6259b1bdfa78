namespace Gan.Experiments;

/// <summary>An MLflow tracking store in one SQLite file, with the folder <c>mlruns</c> beside it.</summary>
public sealed class SqliteStore : IRunStore
{
    readonly SqliteDatabase database;

    SqliteStore(SqliteDatabase database) => this.database = database;

    /// <summary>Opens a store, and makes its tables where the file is new.</summary>
    /// <exception cref="UserException">The file cannot be opened or is no MLflow store.</exception>
    public static SqliteStore Open(string file)
    {
        var database = new SqliteDatabase(file);
        try
        {
            var store = new SqliteStore(database);
            database.Guarded(() => SqliteSchema.Require(database, store.ArtifactRoot));
            return store;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Place => database.File;

    /// <inheritdoc/>
    public string Key => "drained";

    string ArtifactRoot => Path.Combine(Path.GetDirectoryName(database.File)!, "mlruns");

    /// <inheritdoc/>
    public RunFolder FolderOf(string experiment, string runId)
    {
        var id = 0L;
        database.InTransaction(() => id = ExperimentId(experiment));
        return RunFolder.Of(ArtifactRoot, id.ToString(), runId);
    }

    /// <inheritdoc/>
    public bool Has(RunFolder run) =>
        database.Guarded(() =>
            database.Scalar("SELECT 1 FROM runs WHERE run_uuid = $run", ("$run", run.RunId)) is not null
        );

    /// <inheritdoc/>
    public void Write(RunFolder run, IReadOnlyList<JournalRecord> records, CancellationToken cancellation) =>
        database.InTransaction(() =>
        {
            var writer = new SqliteWriter(database, run);
            foreach (var record in records)
                if (record is JournalRecord.Started started)
                    writer.Start(started, ExperimentId(started.Experiment));
                else
                    writer.Write(record);
            MetricRows.Write(database.Connection, run.RunId, records.OfType<JournalRecord.Metrics>());
        });

    /// <inheritdoc/>
    public IReadOnlyList<FoundRun> Search(RunQuery query) =>
        database.Guarded(() => new SqliteSearch(database, ArtifactRoot).Runs(query));

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, RunValues> Values(IReadOnlyCollection<FoundRun> runs) =>
        database.Guarded(() => new SqliteSearch(database, ArtifactRoot).Values(runs));

    /// <inheritdoc/>
    public void SetDeleted(IReadOnlyCollection<FoundRun> runs, bool deleted) =>
        database.InTransaction(() =>
        {
            foreach (var run in runs)
                database.Execute(
                    "UPDATE runs SET lifecycle_stage = $stage, deleted_time = $time WHERE run_uuid = $run",
                    ("$stage", deleted ? "deleted" : "active"),
                    ("$time", deleted ? RunTracker.Now : DBNull.Value),
                    ("$run", run.RunId)
                );
        });

    /// <inheritdoc/>
    public void Erase(IReadOnlyCollection<FoundRun> runs)
    {
        foreach (var run in runs)
        {
            // While the row is there, what could not be deleted can still be found.
            run.Folder.Delete();
            database.InTransaction(() => SqliteWriter.Erase(database, run.RunId));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();

    long ExperimentId(string name)
    {
        var known = database.Query(
            "SELECT experiment_id, lifecycle_stage FROM experiments WHERE name = $name",
            reader => (Id: reader.GetInt64(0), Stage: reader.GetString(1)),
            ("$name", name)
        );
        if (known is [var row])
            return row.Stage != "deleted" ? row.Id : throw RunStores.DeletedExperiment(name, "in MLflow");
        database.Execute(
            "INSERT INTO experiments (name, lifecycle_stage, creation_time, last_update_time) VALUES ($name, 'active', $now, $now)",
            ("$name", name),
            ("$now", RunTracker.Now)
        );
        var id = (long)database.Scalar("SELECT last_insert_rowid()")!;
        database.Execute(
            "UPDATE experiments SET artifact_location = $place WHERE experiment_id = $id",
            ("$place", Path.Combine(ArtifactRoot, id.ToString())),
            ("$id", id)
        );
        return id;
    }
}
