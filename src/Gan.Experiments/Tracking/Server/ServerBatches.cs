using System.Text.Json.Nodes;

namespace Gan.Experiments;

/// <summary>Logs to runs at a server in legal batches, and notes what it will never take.</summary>
internal sealed class ServerBatches(ServerConnection connection)
{
    const int MostTexts = 100;
    const int MostMetrics = 1000;

    readonly Dictionary<string, (int Count, string First)> refused = [];

    /// <summary>What the server refused of a run though it took the rest, in a sentence; null for nothing.</summary>
    public string? Complaint(string runId) =>
        refused.TryGetValue(runId, out var known)
            ? $"The server {connection.Address} took all but {known.Count} values; of the first it says: {known.First}"
            : null;

    /// <summary>Logs parameters.</summary>
    public void Parameters(string runId, Dictionary<string, string> values, CancellationToken cancellation) =>
        Log(runId, "params", values.Select(ServerValues.Pair), MostTexts, cancellation);

    /// <summary>Sets tags.</summary>
    public void Tags(string runId, Dictionary<string, string> values, CancellationToken cancellation) =>
        Log(runId, "tags", values.Select(ServerValues.Pair), MostTexts, cancellation);

    /// <summary>Logs metrics.</summary>
    public void Metrics(string runId, IEnumerable<JournalRecord.Metrics> records, CancellationToken cancellation) =>
        Log(runId, "metrics", ServerValues.Metrics(records), MostMetrics, cancellation);

    /// <summary>Logs a data set. An old server knows of none; that keeps nothing else from it.</summary>
    public void Dataset(string runId, JournalRecord.Dataset dataset, CancellationToken cancellation)
    {
        try
        {
            connection.Post("runs/log-inputs", ServerValues.Dataset(runId, dataset), cancellation);
        }
        catch (ServerException no) when (no.IsRefusal || no.IsOfNoEndpoint)
        {
            Note(runId, no);
        }
    }

    void Log(string runId, string kind, IEnumerable<JsonObject> values, int most, CancellationToken cancellation)
    {
        foreach (var part in values.Chunk(most))
            LogPart(runId, kind, part, cancellation);
    }

    // A batch fails whole where one value is refused; the others are found by halving.
    void LogPart(string runId, string kind, JsonObject[] values, CancellationToken cancellation)
    {
        try
        {
            connection.Post(
                "runs/log-batch",
                new JsonObject
                {
                    ["run_id"] = runId,
                    [kind] = new JsonArray([.. values.Select(value => value.DeepClone())]),
                },
                cancellation
            );
        }
        catch (ServerException no) when (no.IsRefusal && values.Length > 1)
        {
            var half = values.Length / 2;
            LogPart(runId, kind, values[..half], cancellation);
            LogPart(runId, kind, values[half..], cancellation);
        }
        catch (ServerException no) when (no.IsRefusal)
        {
            Note(runId, no);
        }
    }

    void Note(string runId, ServerException no)
    {
        var known = refused.GetValueOrDefault(runId, (0, no.Message));
        refused[runId] = known with { Item1 = known.Item1 + 1 };
    }
}
