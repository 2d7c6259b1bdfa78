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
        using var insert = connection.CreateCommand();
        insert.CommandText =
            "INSERT OR IGNORE INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ($key, $value, $time, $run, $step, $nan)";
        var row = new Row(insert, runId);
        var latest = new Dictionary<string, (long Step, long Time, double Stored, double Value)>();
        foreach (var record in records)
        foreach (var (key, value) in record.Values)
        {
            row.Execute(key, value, record.Time, record.Step);
            var candidate = (record.Step, record.Time, Stored(value), value);
            if (!latest.TryGetValue(key, out var known) || candidate.CompareTo(known) > 0)
                latest[key] = candidate;
        }
        using var upsert = connection.CreateCommand();
        upsert.CommandText = """
            INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ($key, $value, $time, $run, $step, $nan)
            ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value, timestamp = excluded.timestamp,
              step = excluded.step, is_nan = excluded.is_nan
            WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)
            """;
        var last = new Row(upsert, runId);
        foreach (var (key, (step, time, _, value)) in latest)
            last.Execute(key, value, time, step);
    }

    /// <summary>A stored value as what it was.</summary>
    public static double Read(double stored) =>
        stored >= Largest ? double.PositiveInfinity
        : stored <= -Largest ? double.NegativeInfinity
        : stored;

    static double Stored(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, -Largest, Largest);

    sealed class Row
    {
        readonly SqliteCommand command;
        readonly SqliteParameter key;
        readonly SqliteParameter value;
        readonly SqliteParameter time;
        readonly SqliteParameter step;
        readonly SqliteParameter nan;

        public Row(SqliteCommand command, string runId)
        {
            this.command = command;
            command.Parameters.AddWithValue("$run", runId);
            key = command.Parameters.Add("$key", SqliteType.Text);
            value = command.Parameters.Add("$value", SqliteType.Real);
            time = command.Parameters.Add("$time", SqliteType.Integer);
            step = command.Parameters.Add("$step", SqliteType.Integer);
            nan = command.Parameters.Add("$nan", SqliteType.Integer);
            command.Prepare();
        }

        public void Execute(string name, double number, long at, long inStep)
        {
            key.Value = name;
            value.Value = Stored(number);
            time.Value = at;
            step.Value = inStep;
            nan.Value = double.IsNaN(number) ? 1 : 0;
            command.ExecuteNonQuery();
        }
    }
}
