using System.Text;

namespace Gan.Experiments;

/// <summary>A run's status, as MLflow names it.</summary>
public enum RunStatus
{
    /// <summary>Under way, or ended without a word.</summary>
    Running,

    /// <summary>Ended as planned.</summary>
    Finished,

    /// <summary>Ended by an error, or diverged.</summary>
    Failed,

    /// <summary>Ended by the user, or by a sweep that promised itself nothing of it.</summary>
    Killed,

    /// <summary>Waiting, with a checkpoint, to be gone on with.</summary>
    Scheduled,
}

/// <summary>Questions to a status.</summary>
internal static class RunStatuses
{
    /// <summary>True where the run is over.</summary>
    public static bool HasEnded(this RunStatus status) => status is not (RunStatus.Running or RunStatus.Scheduled);
}

/// <summary>One thing that is written down of a run.</summary>
public abstract record JournalRecord
{
    private JournalRecord() { }

    /// <summary>The run began: its identity. The first record of every journal.</summary>
    public sealed record Started(string RunId, string RunName, string Experiment, string User, long Time)
        : JournalRecord
    {
        /// <summary>The tags by which MLflow knows name, user and source.</summary>
        internal IReadOnlyDictionary<string, string> StandardTags() =>
            new Dictionary<string, string>
            {
                ["mlflow.runName"] = RunName,
                ["mlflow.user"] = User,
                ["mlflow.source.type"] = "LOCAL",
                ["mlflow.source.name"] = "gan",
            };
    }

    /// <summary>Parameters, which never change.</summary>
    public sealed record Parameters(IReadOnlyDictionary<string, string> Values) : JournalRecord;

    /// <summary>Tags, the latest of each key standing.</summary>
    public sealed record Tags(IReadOnlyDictionary<string, string> Values) : JournalRecord;

    /// <summary>Metrics of one step, with the time of their first computation.</summary>
    public sealed record Metrics(long Step, long Time, IReadOnlyDictionary<string, double> Values) : JournalRecord;

    /// <summary>The data set trained on.</summary>
    public sealed record Dataset(string Name, string Digest, string Kind, string Source, string Profile)
        : JournalRecord;

    /// <summary>The run's status from a time on.</summary>
    public sealed record Status(RunStatus Value, long Time) : JournalRecord;

    /// <summary>Writes the record as bytes.</summary>
    internal void Encode(Stream bytes)
    {
        using var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true);
        Write(writer);
    }

    /// <summary>The record of some bytes.</summary>
    /// <exception cref="InvalidDataException">They are no record.</exception>
    internal static JournalRecord Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var kind = reader.ReadByte();
        return kind switch
        {
            1 => new Started(
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadInt64()
            ),
            2 => new Parameters(ReadTexts(reader)),
            3 => new Tags(ReadTexts(reader)),
            4 => new Metrics(reader.ReadInt64(), reader.ReadInt64(), ReadNumbers(reader)),
            5 => new Dataset(
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString()
            ),
            6 => new Status((RunStatus)reader.ReadByte(), reader.ReadInt64()),
            _ => throw new InvalidDataException($"a record of the unknown kind {kind}"),
        };
    }

    void Write(BinaryWriter writer)
    {
        switch (this)
        {
            case Started started:
                writer.Write((byte)1);
                writer.Write(started.RunId);
                writer.Write(started.RunName);
                writer.Write(started.Experiment);
                writer.Write(started.User);
                writer.Write(started.Time);
                break;
            case Parameters parameters:
                writer.Write((byte)2);
                WriteTexts(writer, parameters.Values);
                break;
            case Tags tags:
                writer.Write((byte)3);
                WriteTexts(writer, tags.Values);
                break;
            case Metrics metrics:
                writer.Write((byte)4);
                writer.Write(metrics.Step);
                writer.Write(metrics.Time);
                writer.Write(metrics.Values.Count);
                foreach (var (key, value) in metrics.Values)
                {
                    writer.Write(key);
                    writer.Write(value);
                }
                break;
            case Dataset dataset:
                writer.Write((byte)5);
                writer.Write(dataset.Name);
                writer.Write(dataset.Digest);
                writer.Write(dataset.Kind);
                writer.Write(dataset.Source);
                writer.Write(dataset.Profile);
                break;
            case Status status:
                writer.Write((byte)6);
                writer.Write((byte)status.Value);
                writer.Write(status.Time);
                break;
        }
    }

    static void WriteTexts(BinaryWriter writer, IReadOnlyDictionary<string, string> values)
    {
        writer.Write(values.Count);
        foreach (var (key, value) in values)
        {
            writer.Write(key);
            writer.Write(value);
        }
    }

    static Dictionary<string, string> ReadTexts(BinaryReader reader)
    {
        var values = new Dictionary<string, string>();
        for (var left = reader.ReadInt32(); left > 0; left--)
            values[reader.ReadString()] = reader.ReadString();
        return values;
    }

    static Dictionary<string, double> ReadNumbers(BinaryReader reader)
    {
        var values = new Dictionary<string, double>();
        for (var left = reader.ReadInt32(); left > 0; left--)
            values[reader.ReadString()] = reader.ReadDouble();
        return values;
    }
}
