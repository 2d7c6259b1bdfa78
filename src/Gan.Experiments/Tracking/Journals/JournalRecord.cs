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

/// <summary>One thing that is recorded of a run. Closed: <see cref="Match{T}"/> takes one function per case.</summary>
public abstract record JournalRecord
{
    private JournalRecord() { }

    /// <summary>One function per case.</summary>
    public T Match<T>(
        Func<Started, T> started,
        Func<Parameters, T> parameters,
        Func<Tags, T> tags,
        Func<Metrics, T> metrics,
        Func<Dataset, T> dataset,
        Func<Status, T> status
    ) =>
        this switch
        {
            Started own => started(own),
            Parameters own => parameters(own),
            Tags own => tags(own),
            Metrics own => metrics(own),
            Dataset own => dataset(own),
            _ => status((Status)this),
        };

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
    public sealed record Metrics(long Step, long Time, IReadOnlyDictionary<string, double> Values) : JournalRecord
    {
        /// <summary>Adds the values to those of the step; of two of one name this one stands.</summary>
        internal void AddTo(Dictionary<long, Dictionary<string, double>> steps)
        {
            if (!steps.TryGetValue(Step, out var known))
                steps[Step] = known = [];
            foreach (var (name, value) in Values)
                known[name] = value;
        }
    }

    /// <summary>The data set trained on.</summary>
    public sealed record Dataset(string Name, string Digest, string Kind, string Source, string Profile)
        : JournalRecord;

    /// <summary>The run's status from a time on.</summary>
    public sealed record Status(RunStatus Value, long Time) : JournalRecord
    {
        /// <summary>The time, where the run is over with it; null where it is to go on.</summary>
        internal long? End => Value is RunStatus.Running or RunStatus.Scheduled ? null : Time;
    }

    /// <summary>Writes the record as bytes.</summary>
    internal void Encode(Stream bytes)
    {
        using var writer = new BinaryWriter(bytes, Encoding.UTF8, leaveOpen: true);
        switch (this)
        {
            case Started started:
                Begin(1, started.RunId, started.RunName, started.Experiment, started.User);
                writer.Write(started.Time);
                break;
            case Parameters parameters:
                Begin(2);
                Values(parameters.Values, writer.Write);
                break;
            case Tags tags:
                Begin(3);
                Values(tags.Values, writer.Write);
                break;
            case Metrics metrics:
                Begin(4);
                writer.Write(metrics.Step);
                writer.Write(metrics.Time);
                Values(metrics.Values, writer.Write);
                break;
            case Dataset dataset:
                Begin(5, dataset.Name, dataset.Digest, dataset.Kind, dataset.Source, dataset.Profile);
                break;
            case Status status:
                Begin(6);
                writer.Write((byte)status.Value);
                writer.Write(status.Time);
                break;
        }

        void Begin(byte kind, params ReadOnlySpan<string> texts)
        {
            writer.Write(kind);
            foreach (var text in texts)
                writer.Write(text);
        }

        void Values<T>(IReadOnlyDictionary<string, T> values, Action<T> write)
        {
            writer.Write(values.Count);
            foreach (var (key, value) in values)
            {
                writer.Write(key);
                write(value);
            }
        }
    }

    /// <summary>The record of some bytes.</summary>
    /// <exception cref="InvalidDataException">They are no record.</exception>
    internal static JournalRecord Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var kind = reader.ReadByte();
        return kind switch
        {
            1 => new Started(Text(), Text(), Text(), Text(), reader.ReadInt64()),
            2 => new Parameters(Values(Text)),
            3 => new Tags(Values(Text)),
            4 => new Metrics(reader.ReadInt64(), reader.ReadInt64(), Values(reader.ReadDouble)),
            5 => new Dataset(Text(), Text(), Text(), Text(), Text()),
            6 => new Status((RunStatus)reader.ReadByte(), reader.ReadInt64()),
            _ => throw new InvalidDataException($"a record of the unknown kind {kind}"),
        };

        string Text() => reader.ReadString();

        Dictionary<string, T> Values<T>(Func<T> read)
        {
            var values = new Dictionary<string, T>();
            for (var left = reader.ReadInt32(); left > 0; left--)
                values[Text()] = read();
            return values;
        }
    }
}
