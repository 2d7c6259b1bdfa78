namespace Gan.Experiments;

/// <summary>Writes a run's records as rows. Rows that are there already stay as they are; tags take their latest value.</summary>
internal sealed class SqliteWriter(SqliteDatabase database, RunFolder run)
{
    /// <summary>Writes the run's own row.</summary>
    public void Start(JournalRecord.Started started, long experiment)
    {
        database.Execute(
            """
            INSERT OR IGNORE INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,
              start_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
            VALUES ($run, $name, 'LOCAL', 'gan', '', $user, 'RUNNING', $time, '', 'active', $uri, $experiment)
            """,
            ("$run", run.RunId),
            ("$name", started.RunName),
            ("$user", started.User),
            ("$time", started.Time),
            ("$uri", run.Artifacts),
            ("$experiment", experiment)
        );
        foreach (var (key, value) in started.StandardTags())
            Tag(key, value);
    }

    /// <summary>Writes a record that is neither the first nor of metrics.</summary>
    public void Write(JournalRecord record)
    {
        switch (record)
        {
            case JournalRecord.Parameters parameters:
                foreach (var (key, value) in parameters.Values)
                    database.Execute(
                        "INSERT OR IGNORE INTO params (key, value, run_uuid) VALUES ($key, $value, $run)",
                        ("$key", key),
                        ("$value", Cut(value, 6000)),
                        ("$run", run.RunId)
                    );
                break;
            case JournalRecord.Tags tags:
                foreach (var (key, value) in tags.Values)
                    Tag(key, value);
                break;
            case JournalRecord.Dataset dataset:
                Dataset(dataset);
                break;
            case JournalRecord.Status status:
                database.Execute(
                    "UPDATE runs SET status = $status, end_time = $time WHERE run_uuid = $run",
                    ("$status", status.Value.ToString().ToUpperInvariant()),
                    ("$time", (object?)status.End ?? DBNull.Value),
                    ("$run", run.RunId)
                );
                break;
        }
    }

    /// <summary>Deletes all rows of a run.</summary>
    public static void Erase(SqliteDatabase database, string runId) =>
        database.Execute(
            """
            DELETE FROM input_tags WHERE input_uuid IN
              (SELECT input_uuid FROM inputs WHERE destination_type = 'RUN' AND destination_id = $run);
            DELETE FROM inputs WHERE destination_type = 'RUN' AND destination_id = $run;
            DELETE FROM metrics WHERE run_uuid = $run;
            DELETE FROM latest_metrics WHERE run_uuid = $run;
            DELETE FROM params WHERE run_uuid = $run;
            DELETE FROM tags WHERE run_uuid = $run;
            DELETE FROM runs WHERE run_uuid = $run
            """,
            ("$run", runId)
        );

    void Tag(string key, string value) =>
        database.Execute(
            "INSERT INTO tags (key, value, run_uuid) VALUES ($key, $value, $run) ON CONFLICT (key, run_uuid) DO UPDATE SET value = $value",
            ("$key", key),
            ("$value", Cut(value, 5000)),
            ("$run", run.RunId)
        );

    void Dataset(JournalRecord.Dataset dataset) =>
        database.Execute(
            """
            INSERT OR IGNORE INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source, dataset_profile)
            SELECT $id, experiment_id, $name, $digest, $kind, $source, $profile FROM runs WHERE run_uuid = $run;
            INSERT OR IGNORE INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)
            SELECT $input, 'DATASET', dataset_uuid, 'RUN', $run FROM datasets JOIN runs USING (experiment_id)
            WHERE run_uuid = $run AND datasets.name = $name AND datasets.digest = $digest;
            INSERT OR IGNORE INTO input_tags (input_uuid, name, value)
            SELECT input_uuid, 'mlflow.data.context', 'training' FROM inputs WHERE input_uuid = $input
            """,
            ("$id", Guid.NewGuid().ToString("N")),
            ("$input", Guid.NewGuid().ToString("N")),
            ("$name", dataset.Name),
            ("$digest", dataset.Digest),
            ("$kind", dataset.Kind),
            ("$source", dataset.Source),
            ("$profile", dataset.Profile),
            ("$run", run.RunId)
        );

    static string Cut(string value, int length) => value.Length <= length ? value : value[..length];
}
