using System.Text.Json.Serialization;

namespace Gan.Experiments;

/// <summary>
/// A sweep's events in a file, a line of JSON each, safe from a power cut before anything is done about them. A torn line
/// at the end is cut off when the file is opened again.
/// </summary>
public sealed class SweepLedger : IDisposable
{
    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = null,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    readonly FileStream file;

    SweepLedger(FileStream file, SweepHistory history) => (this.file, History) = (file, history);

    /// <summary>All that happened.</summary>
    public SweepHistory History { get; private set; }

    /// <summary>Opens a ledger, which is empty where it is new.</summary>
    public static SweepLedger Open(string path)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        file.SetLength(whole);
        file.Position = whole;
        return new SweepLedger(file, Parse(path, Encoding.UTF8.GetString(bytes, 0, whole)));
    }

    /// <summary>What a ledger says, without opening it for more.</summary>
    public static SweepHistory Read(string path)
    {
        using var reader = new StreamReader(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite),
            Encoding.UTF8
        );
        var text = reader.ReadToEnd();
        return Parse(path, text[..(text.LastIndexOf('\n') + 1)]);
    }

    /// <summary>Writes an event down.</summary>
    public void Add(SweepEvent happened)
    {
        var line = JsonSerializer.SerializeToNode(happened, happened.GetType(), Options)!.AsObject();
        var time = RunTracker.Now;
        line.Insert(0, "event", happened.GetType().Name.ToLowerInvariant());
        line.Insert(1, "time", time);
        file.Write(Encoding.UTF8.GetBytes(line.ToJsonString() + "\n"));
        file.Flush(flushToDisk: true);
        History = History.At(time, happened);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    static SweepHistory Parse(string path, string text) =>
        text.Split('\n')
            .Index()
            .Where(line => line.Item.Length > 0)
            .Select(line => EventOf(path, line.Index + 1, line.Item))
            .Aggregate(SweepHistory.Empty, (history, entry) => history.At(entry.Time, entry.Event));

    static (long Time, SweepEvent Event) EventOf(string path, int number, string line)
    {
        try
        {
            var node = JsonNode.Parse(line) as JsonObject ?? throw new JsonException("no object");
            SweepEvent happened = (string?)node["event"] switch
            {
                "begun" => node.Deserialize<SweepEvent.Begun>(Options)!,
                "created" => node.Deserialize<SweepEvent.Created>(Options)!,
                "paused" => node.Deserialize<SweepEvent.Paused>(Options)!,
                "promoted" => node.Deserialize<SweepEvent.Promoted>(Options)!,
                "ended" => node.Deserialize<SweepEvent.Ended>(Options)!,
                var other => throw new JsonException($"an unknown event '{other}'"),
            };
            return ((long?)node["time"] ?? 0, happened);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new UserException(
                $"The sweep's ledger '{path}' is damaged in line {number}: {failure.Message} What stands before that line is whole; cut the file off there, and the sweep goes on from it."
            );
        }
    }
}
