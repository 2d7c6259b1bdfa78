using System.Globalization;
using System.Text.Json.Nodes;

namespace Gan.Experiments;

/// <summary>
/// An MLflow server, by its REST interface. A run here has an id of the server's choosing; the tag <c>gan.run_id</c> there
/// has ours, by which a run is found again, and a creation whose answer was lost is not made twice.
/// </summary>
public sealed class MlflowServer : ITrackingTarget
{
    const string OwnId = "gan.run_id";
    const string Parent = "mlflow.parentRunId";
    const int MostTexts = 100;
    const int MostMetrics = 1000;

    readonly ServerConnection connection;
    readonly ServerSettings settings;
    readonly Dictionary<string, ServerLink> links = [];
    readonly Dictionary<string, (int Count, string First)> refused = [];

    /// <summary>A server by its address, http:// or https://. Nothing is sent yet.</summary>
    /// <exception cref="UserException">The address or a certificate's file cannot be used.</exception>
    public MlflowServer(string address, ServerSettings settings)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            throw new UserException($"'{RunStores.Shown(address)}' is no address of a server.");
        this.settings = settings;
        connection = new ServerConnection(uri, settings);
        Key = ServerLink.KeyOf(connection.Address);
    }

    /// <inheritdoc/>
    public string Key { get; }

    /// <inheritdoc/>
    public long? Activity => connection.Activity;

    /// <summary>The server's address, without a password.</summary>
    public Uri Address => connection.Address;

    /// <summary>
    /// Notes in a run's folder that this server is to know of it, and asks once whether it is there. Returns a sentence
    /// where it does not answer: the run's journal then waits for it.
    /// </summary>
    /// <exception cref="UserException">It answers that it will not have us.</exception>
    public string? Greet(RunFolder run)
    {
        Keep(run, Linked(run));
        try
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            connection.Greet(soon.Token);
            return null;
        }
        catch (ServerException no)
        {
            throw new UserException(no.Message);
        }
        catch (Exception silent) when (silent is UserException or OperationCanceledException)
        {
            var said = silent is UserException ? silent.Message : $"The server {Address} does not answer.";
            return $"{said} The run goes on without it, and tells it all later.";
        }
    }

    /// <summary>Asks a server once whether it is there and lets us in; says so, or throws with the reason.</summary>
    /// <exception cref="UserException">It is not, or does not.</exception>
    public static string Probe(string address, ServerSettings settings)
    {
        using var server = new MlflowServer(address, settings);
        try
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            server.connection.Greet(soon.Token);
            return $"{server.Address} answers";
        }
        catch (OperationCanceledException)
        {
            throw new UserException($"The server {server.Address} does not answer.");
        }
        catch (ServerException no)
        {
            throw new UserException(no.Message);
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
            Log(
                link,
                "params",
                Texts(records.OfType<JournalRecord.Parameters>().Select(r => r.Values)),
                MostTexts,
                cancellation
            );
            var tags = records.Select(record =>
                record switch
                {
                    JournalRecord.Started started => started.StandardTags(),
                    JournalRecord.Tags own => own.Values,
                    _ => null,
                }
            );
            Log(
                link,
                "tags",
                Texts(tags.OfType<IReadOnlyDictionary<string, string>>(), run, cancellation),
                MostTexts,
                cancellation
            );
            Log(link, "metrics", Metrics(records), MostMetrics, cancellation);
            foreach (var dataset in records.OfType<JournalRecord.Dataset>())
                LogDataset(link, dataset, cancellation);
            if (records.OfType<JournalRecord.Status>().LastOrDefault() is { } status)
                Post("runs/update", StatusOf(link, status), cancellation);
        }
        catch (ServerException deleted) when (deleted.IsOfDeletedRun)
        {
            // As a twin of another, perhaps, which another process linked first; then that one is ours.
            if (Find(link.ExperimentId, run, cancellation) is not { } other)
                throw new UserException($"{deleted.Message} Restore the run there, and gan sync goes on with it.");
            Keep(run, link with { RunId = "", Uploaded = [] });
            throw new UserException($"The run is {Text(other, "run_id")} at the server now.");
        }
        catch (ServerException gone) when (gone.Code == "RESOURCE_DOES_NOT_EXIST")
        {
            // Another server, or another database, than the one that knew the run: it gets the run anew.
            Keep(run, link with { RunId = "", Uploaded = [] });
            throw new UserException($"{gone.Message} The run will be made there anew.");
        }
    }

    /// <inheritdoc/>
    public string? Complaint(RunFolder run) =>
        refused.TryGetValue(Linked(run).RunId, out var known)
            ? $"The server {Address} took all but {known.Count} values; of the first it says: {known.First}"
            : null;

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
        var info = settings.RunId is { } adopted
            ? Node(Node(Get("runs/get", new JsonObject { ["run_id"] = adopted }, cancellation), "run"), "info")
            : FindOrCreate(run, cancellation);
        var made = link with
        {
            RunId = Text(info, "run_id"),
            ExperimentId = Text(info, "experiment_id"),
            ArtifactUri = Text(info, "artifact_uri"),
        };
        Keep(run, made);
        return made;
    }

    JsonNode FindOrCreate(RunFolder run, CancellationToken cancellation)
    {
        var started =
            Journal.Records<JournalRecord.Started>(run.Journal).FirstOrDefault()
            ?? throw new UserException($"The journal '{run.Journal}' has no beginning.");
        var experiment = settings.ExperimentId ?? ExperimentId(started.Experiment, cancellation);
        if (Find(experiment, run, cancellation) is { } known)
            return known;
        var tags = new Dictionary<string, string>(started.StandardTags()) { [OwnId] = run.RunId };
        Post(
            "runs/create",
            new JsonObject
            {
                ["experiment_id"] = experiment,
                ["user_id"] = started.User,
                ["run_name"] = started.RunName,
                ["start_time"] = started.Time,
                ["tags"] = new JsonArray([.. tags.Select(Pair)]),
            },
            cancellation
        );
        return Find(experiment, run, cancellation)
            ?? throw new UserException($"The server {Address} made a run and does not find it.");
    }

    // A creation whose answer was lost may have come through, more than once: the first stays, the others go.
    JsonNode? Find(string experiment, RunFolder run, CancellationToken cancellation)
    {
        var answer = Post(
            "runs/search",
            new JsonObject
            {
                ["experiment_ids"] = new JsonArray(experiment),
                ["filter"] = $"tags.`{OwnId}` = '{run.RunId}'",
                ["max_results"] = 100,
            },
            cancellation
        );
        var found = (answer["runs"] as JsonArray ?? [])
            .Select(found => Node(found!, "info"))
            .OrderBy(info => Text(info, "run_id"), StringComparer.Ordinal)
            .ToArray();
        foreach (var twin in found.Skip(1))
            Post("runs/delete", new JsonObject { ["run_id"] = Text(twin, "run_id") }, cancellation);
        return found.FirstOrDefault();
    }

    string ExperimentId(string name, CancellationToken cancellation)
    {
        if (FindExperiment(name, cancellation) is { } known)
            return known;
        try
        {
            return Text(Post("experiments/create", new JsonObject { ["name"] = name }, cancellation), "experiment_id");
        }
        catch (ServerException exists) when (exists.Code == "RESOURCE_ALREADY_EXISTS")
        {
            // Another process was quicker.
            return FindExperiment(name, cancellation) ?? throw new UserException(exists.Message);
        }
    }

    string? FindExperiment(string name, CancellationToken cancellation)
    {
        try
        {
            var found = Node(
                Get("experiments/get-by-name", new JsonObject { ["experiment_name"] = name }, cancellation),
                "experiment"
            );
            return Text(found, "lifecycle_stage") != "deleted"
                ? Text(found, "experiment_id")
                : throw new UserException(
                    $"The experiment '{name}' was deleted at {Address}. Restore it there, or name another: --set experiment=NAME."
                );
        }
        catch (ServerException none) when (none.Code == "RESOURCE_DOES_NOT_EXIST")
        {
            return null;
        }
    }

    void Log(ServerLink link, string kind, IReadOnlyList<JsonObject> values, int most, CancellationToken cancellation)
    {
        foreach (var part in values.Chunk(most))
            LogPart(link, kind, part, cancellation);
    }

    // A batch fails whole where one value is refused; the others are found by halving.
    void LogPart(ServerLink link, string kind, JsonObject[] values, CancellationToken cancellation)
    {
        try
        {
            Post(
                "runs/log-batch",
                new JsonObject
                {
                    ["run_id"] = link.RunId,
                    [kind] = new JsonArray([.. values.Select(value => value.DeepClone())]),
                },
                cancellation
            );
        }
        catch (ServerException no) when (no.IsRefusal && values.Length > 1)
        {
            var half = values.Length / 2;
            LogPart(link, kind, values[..half], cancellation);
            LogPart(link, kind, values[half..], cancellation);
        }
        catch (ServerException no) when (no.IsRefusal)
        {
            Note(link, no);
        }
    }

    // An old server knows of no data sets; that keeps nothing else from it.
    void LogDataset(ServerLink link, JournalRecord.Dataset dataset, CancellationToken cancellation)
    {
        try
        {
            Post("runs/log-inputs", DatasetOf(link, dataset), cancellation);
        }
        catch (ServerException no) when (no.IsRefusal || no.IsOfNoEndpoint)
        {
            Note(link, no);
        }
    }

    void Note(ServerLink link, ServerException no)
    {
        var known = refused.GetValueOrDefault(link.RunId, (0, no.Message));
        refused[link.RunId] = known with { Item1 = known.Item1 + 1 };
    }

    static List<JsonObject> Metrics(IEnumerable<JournalRecord> records) =>
        [
            .. from record in records.OfType<JournalRecord.Metrics>()
            from pair in record.Values
            select new JsonObject
            {
                ["key"] = pair.Key,
                ["value"] = Number(pair.Value),
                ["timestamp"] = record.Time,
                ["step"] = record.Step,
            },
        ];

    static List<JsonObject> Texts(IEnumerable<IReadOnlyDictionary<string, string>> sets) =>
        [.. Latest(sets).Select(Pair)];

    // The parent's id there is not its id here.
    List<JsonObject> Texts(
        IEnumerable<IReadOnlyDictionary<string, string>> sets,
        RunFolder run,
        CancellationToken cancellation
    )
    {
        var texts = Latest(sets);
        if (texts.TryGetValue(Parent, out var parent) && Sibling(run, parent) is { } folder)
            texts[Parent] = Link(folder, cancellation).RunId;
        return [.. texts.Select(Pair)];
    }

    static RunFolder? Sibling(RunFolder run, string runId)
    {
        var folder = new RunFolder(runId, Path.Combine(Path.GetDirectoryName(run.Path)!, runId));
        return File.Exists(folder.Journal) ? folder : null;
    }

    static Dictionary<string, string> Latest(IEnumerable<IReadOnlyDictionary<string, string>> sets)
    {
        var latest = new Dictionary<string, string>();
        foreach (var (key, value) in sets.SelectMany(set => set))
            latest[key] = value;
        return latest;
    }

    static JsonObject Pair(KeyValuePair<string, string> pair) =>
        new() { ["key"] = pair.Key, ["value"] = Cut(pair.Value) };

    static string Cut(string value) => value.Length <= 5000 ? value : value[..5000];

    // JSON has no such numbers; the server takes their names.
    static JsonValue Number(double value) =>
        double.IsNaN(value) ? JsonValue.Create("NaN")
        : double.IsPositiveInfinity(value) ? JsonValue.Create("Infinity")
        : double.IsNegativeInfinity(value) ? JsonValue.Create("-Infinity")
        : JsonValue.Create(value);

    static JsonObject DatasetOf(ServerLink link, JournalRecord.Dataset dataset) =>
        new()
        {
            ["run_id"] = link.RunId,
            ["datasets"] = new JsonArray(
                new JsonObject
                {
                    ["tags"] = new JsonArray(
                        new JsonObject { ["key"] = "mlflow.data.context", ["value"] = "training" }
                    ),
                    ["dataset"] = new JsonObject
                    {
                        ["name"] = dataset.Name,
                        ["digest"] = dataset.Digest,
                        ["source_type"] = dataset.Kind,
                        ["source"] = dataset.Source,
                        ["profile"] = dataset.Profile,
                    },
                }
            ),
        };

    static JsonObject StatusOf(ServerLink link, JournalRecord.Status status)
    {
        var update = new JsonObject
        {
            ["run_id"] = link.RunId,
            ["status"] = status.Value.ToString().ToUpperInvariant(),
        };
        if (status.Value.HasEnded())
            update["end_time"] = status.Time;
        return update;
    }

    JsonObject Post(string path, JsonObject body, CancellationToken cancellation) =>
        connection.Call(HttpMethod.Post, $"mlflow/{path}", body, cancellation);

    JsonObject Get(string path, JsonObject query, CancellationToken cancellation) =>
        connection.Call(HttpMethod.Get, $"mlflow/{path}", query, cancellation);

    static string Text(JsonNode node, string key) => Node(node, key).ToString();

    static JsonNode Node(JsonNode node, string key) =>
        node[key] ?? throw new UserException($"The server's answer lacks '{key}': {node.ToJsonString()}");
}
