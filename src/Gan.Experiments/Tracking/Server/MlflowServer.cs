namespace Gan.Experiments;

/// <summary>
/// An MLflow server, by its REST interface. What a run is called there is kept in the run's folder; where that is lost, the
/// run is found again by a tag.
/// </summary>
public sealed class MlflowServer : ITrackingTarget
{
    const string Parent = "mlflow.parentRunId";

    readonly ServerConnection connection;
    readonly ServerRuns runs;
    readonly ServerBatches batches;
    readonly Dictionary<string, ServerLink> links = [];

    /// <summary>A server by its address, http:// or https://. Nothing is sent yet.</summary>
    /// <exception cref="UserException">The address or a certificate's file cannot be used.</exception>
    public MlflowServer(string address, ServerSettings settings)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            throw new UserException($"'{RunStores.Shown(address)}' is no address of a server.");
        connection = new ServerConnection(uri, settings);
        runs = new ServerRuns(connection, settings);
        batches = new ServerBatches(connection);
        Key = ServerLink.KeyOf(connection.Address);
    }

    /// <inheritdoc/>
    public string Key { get; }

    /// <inheritdoc/>
    public long? Activity => connection.Activity;

    /// <summary>
    /// Notes in a run's folder that this server is to know of it, and asks once whether it is there. Returns a sentence
    /// where it does not answer: the run's journal then waits for it.
    /// </summary>
    /// <exception cref="UserException">It answers that it will not have us.</exception>
    public string? Greet(RunFolder run)
    {
        Keep(run, Linked(run));
        return Silence(seconds: 5) is { } silence
            ? $"{silence} The run goes on without it, and tells it all later."
            : null;
    }

    /// <summary>Asks a server once whether it is there and lets us in; says so, or throws with the reason.</summary>
    /// <exception cref="UserException">It is not, or does not.</exception>
    public static string Probe(string address, ServerSettings settings)
    {
        using var server = new MlflowServer(address, settings);
        return server.Silence(seconds: 10) is { } silence
            ? throw new UserException(silence)
            : $"{server.connection.Address} answers";
    }

    // Asks once; a sentence where the server does not answer.
    string? Silence(double seconds)
    {
        try
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            connection.Greet(soon.Token);
            return null;
        }
        catch (ServerException no)
        {
            throw new UserException(no.Message);
        }
        catch (UserException silent)
        {
            return silent.Message;
        }
        catch (OperationCanceledException)
        {
            return $"The server {connection.Address} does not answer.";
        }
    }

    /// <inheritdoc/>
    public bool Has(RunFolder run) => Linked(run).RunId.Length > 0;

    /// <inheritdoc/>
    public void Write(RunFolder run, IReadOnlyList<JournalRecord> records, CancellationToken cancellation)
    {
        var link = Link(run, cancellation);
        try
        {
            var parameters = records.OfType<JournalRecord.Parameters>().Select(record => record.Values);
            Log("params", ServerValues.Latest(parameters).Select(ServerValues.Pair));
            Log("tags", Tags(run, records, cancellation).Select(ServerValues.Pair));
            Log("metrics", ServerValues.Metrics(records.OfType<JournalRecord.Metrics>()));
            foreach (var dataset in records.OfType<JournalRecord.Dataset>())
                batches.Dataset(link.RunId, dataset, cancellation);
            if (records.OfType<JournalRecord.Status>().LastOrDefault() is { } status)
                connection.Post("runs/update", ServerValues.Status(link.RunId, status), cancellation);
        }
        catch (ServerException deleted) when (deleted.IsOfDeletedRun)
        {
            // As a twin of another, perhaps, which another process linked first; then that one is ours.
            if (runs.Find(link.ExperimentId, run, cancellation) is not { } other)
                throw new UserException($"{deleted.Message} Restore the run there, and gan sync goes on with it.");
            Keep(run, link with { RunId = "", Uploaded = [] });
            throw new UserException($"The run is {other.Text("run_id")} at the server now.");
        }
        catch (ServerException gone) when (gone.Code == "RESOURCE_DOES_NOT_EXIST")
        {
            // Another server, or another database, than the one that knew the run: it gets the run anew.
            Keep(run, link with { RunId = "", Uploaded = [] });
            throw new UserException($"{gone.Message} The run will be made there anew.");
        }

        void Log(string kind, IEnumerable<object> values) => batches.Log(link.RunId, kind, values, cancellation);
    }

    /// <inheritdoc/>
    public string? Complaint(RunFolder run) => batches.Complaint(Linked(run).RunId);

    /// <inheritdoc/>
    public void WriteArtifacts(RunFolder run, bool ended, CancellationToken cancellation)
    {
        var link = Linked(run);
        if (link.RunId.Length > 0)
            new ServerArtifacts(connection, link, changed => Keep(run, changed)).Upload(run, ended, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    ServerLink Linked(RunFolder run) =>
        links.TryGetValue(run.RunId, out var known) ? known : ServerLink.Of(run, connection.Address);

    void Keep(RunFolder run, ServerLink link)
    {
        if (links.TryGetValue(run.RunId, out var known) && known == link)
            return;
        link.Save(run);
        links[run.RunId] = link;
    }

    ServerLink Link(RunFolder run, CancellationToken cancellation)
    {
        var link = Linked(run);
        if (link.RunId.Length > 0)
            return link;
        var info = runs.Info(run, cancellation);
        var made = link with
        {
            RunId = info.Text("run_id"),
            ExperimentId = info.Text("experiment_id"),
            ArtifactUri = info.Text("artifact_uri"),
        };
        Keep(run, made);
        return made;
    }

    // The parent's id there is not its id here.
    Dictionary<string, string> Tags(RunFolder run, IReadOnlyList<JournalRecord> records, CancellationToken cancellation)
    {
        var standard = records.OfType<JournalRecord.Started>().Select(started => started.StandardTags());
        var tags = ServerValues.Latest(standard.Concat(records.OfType<JournalRecord.Tags>().Select(own => own.Values)));
        if (tags.TryGetValue(Parent, out var parent) && Sibling(run, parent) is { } folder)
            tags[Parent] = Link(folder, cancellation).RunId;
        return tags;
    }

    static RunFolder? Sibling(RunFolder run, string runId)
    {
        var folder = new RunFolder(runId, Path.Combine(Path.GetDirectoryName(run.Path)!, runId));
        return File.Exists(folder.Journal) ? folder : null;
    }
}
