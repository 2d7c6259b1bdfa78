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

    /// <summary>Logs values of one kind: params, tags or metrics.</summary>
    public void Log(string runId, string kind, IEnumerable<object> values, CancellationToken cancellation)
    {
        foreach (var part in values.Chunk(kind == "metrics" ? MostMetrics : MostTexts))
            LogPart(runId, kind, part, cancellation);
    }

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

    // A batch fails whole where one value is refused; the others are found by halving.
    void LogPart(string runId, string kind, object[] values, CancellationToken cancellation)
    {
        try
        {
            var batch = new Dictionary<string, object> { ["run_id"] = runId, [kind] = values };
            connection.Post("runs/log-batch", batch, cancellation);
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
