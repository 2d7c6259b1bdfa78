namespace Gan.Experiments;

/// <summary>
/// Finds runs and experiments at a server, and makes them where they are not. A run there has an id of the server's
/// choosing; the tag <c>gan.run_id</c> has ours.
/// </summary>
internal sealed class ServerRuns(ServerConnection connection, ServerSettings settings)
{
    const string OwnId = "gan.run_id";

    /// <summary>The run that MLFLOW_RUN_ID names, or the one that is ours there, made where there is none.</summary>
    public JsonNode Info(RunFolder run, CancellationToken cancellation) =>
        settings.RunId is { } adopted
            ? connection.Get("runs/get", "run_id", adopted, cancellation).Node("run").Node("info")
            : FindOrCreate(run, cancellation);

    JsonNode FindOrCreate(RunFolder run, CancellationToken cancellation)
    {
        var started =
            Journal.Records<JournalRecord.Started>(run.Journal).FirstOrDefault()
            ?? throw new UserException($"The journal '{run.Journal}' has no beginning.");
        var experiment = settings.ExperimentId ?? ExperimentId(started.Experiment, cancellation);
        if (Find(experiment, run, cancellation) is { } known)
            return known;
        var tags = new Dictionary<string, string>(started.StandardTags()) { [OwnId] = run.RunId };
        connection.Post(
            "runs/create",
            new
            {
                experiment_id = experiment,
                user_id = started.User,
                run_name = started.RunName,
                start_time = started.Time,
                tags = tags.Select(ServerValues.Pair),
            },
            cancellation
        );
        return Find(experiment, run, cancellation)
            ?? throw new UserException($"The server {connection.Address} made a run and does not find it.");
    }

    /// <summary>
    /// The run that is ours there, or null. A creation whose answer was lost may have come through, more than once: the
    /// first stays, the others go.
    /// </summary>
    public JsonNode? Find(string experiment, RunFolder run, CancellationToken cancellation)
    {
        var answer = connection.Post(
            "runs/search",
            new
            {
                experiment_ids = new[] { experiment },
                filter = $"tags.`{OwnId}` = '{run.RunId}'",
                max_results = 100,
            },
            cancellation
        );
        var found = (answer["runs"] as JsonArray ?? [])
            .Select(found => found!.Node("info"))
            .OrderBy(info => info.Text("run_id"), StringComparer.Ordinal)
            .ToArray();
        foreach (var twin in found.Skip(1))
            connection.Post("runs/delete", new { run_id = twin.Text("run_id") }, cancellation);
        return found.FirstOrDefault();
    }

    string ExperimentId(string name, CancellationToken cancellation)
    {
        if (FindExperiment(name, cancellation) is { } known)
            return known;
        try
        {
            return connection.Post("experiments/create", new { name }, cancellation).Text("experiment_id");
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
            var found = connection
                .Get("experiments/get-by-name", "experiment_name", name, cancellation)
                .Node("experiment");
            return found.Text("lifecycle_stage") != "deleted"
                ? found.Text("experiment_id")
                : throw RunStores.DeletedExperiment(name, $"at {connection.Address}");
        }
        catch (ServerException none) when (none.Code == "RESOURCE_DOES_NOT_EXIST")
        {
            return null;
        }
    }
}
