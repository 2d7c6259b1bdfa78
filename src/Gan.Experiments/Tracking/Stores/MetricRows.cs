using Microsoft.Data.Sqlite;

namespace Gan.Experiments;

/// <summary>Writes metrics as MLflow stores them: every value once, and the latest of each key.</summary>
internal static class MetricRows
{
    /// <summary>MLflow stores infinities as the largest double.</summary>
    const double Largest = double.MaxValue;

    /// <summary>Inserts the values that are not there yet, and moves each key's latest forward.</summary>
    public static void Write(SqliteConnection connection, string runId, IEnumerable<JournalRecord.Metrics> records)
    {
        using var insert = Prepare(
            connection,
            runId,
            "INSERT OR IGNORE INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ($key, $value, $time, $run, $step, $nan)"
        );
        var latest = new Dictionary<string, (long Step, long Time, double Stored, double Value)>();
        foreach (var record in records)
        foreach (var (key, value) in record.Values)
        {
            Execute(insert, key, value, record.Time, record.Step);
            var candidate = (record.Step, record.Time, Stored(value), value);
            if (!latest.TryGetValue(key, out var known) || candidate.CompareTo(known) > 0)
                latest[key] = candidate;
        }
        using var upsert = Prepare(
            connection,
            runId,
            """
            INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ($key, $value, $time, $run, $step, $nan)
            ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value, timestamp = excluded.timestamp,
              step = excluded.step, is_nan = excluded.is_nan
            WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)
            """
        );
        foreach (var (key, (step, time, _, value)) in latest)
            Execute(upsert, key, value, time, step);
    }

    /// <summary>A stored value as what it was.</summary>
    public static double Read(double stored) =>
        stored >= Largest ? double.PositiveInfinity
        : stored <= -Largest ? double.NegativeInfinity
        : stored;

    static double Stored(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, -Largest, Largest);

    static SqliteCommand Prepare(SqliteConnection connection, string runId, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.Add("$key", SqliteType.Text);
        command.Parameters.Add("$value", SqliteType.Real);
        command.Parameters.Add("$time", SqliteType.Integer);
        command.Parameters.Add("$step", SqliteType.Integer);
        command.Parameters.Add("$nan", SqliteType.Integer);
        command.Parameters.AddWithValue("$run", runId);
        command.Prepare();
        return command;
    }

    // The values in the order of the parameters: looking these up by name costs time, for each of many rows.
    static void Execute(SqliteCommand command, string key, double value, long time, long step)
    {
        ReadOnlySpan<object> row = [key, Stored(value), time, step, double.IsNaN(value) ? 1 : 0];
        for (var i = 0; i < row.Length; i++)
            command.Parameters[i].Value = row[i];
        command.ExecuteNonQuery();
    }
}
