using YamlDotNet.RepresentationModel;

namespace Gan.Experiments;

/// <summary>
/// MLflow's file store: a folder with a folder per experiment and run. It needs no locks, which network disks lack; it is
/// slow with thousands of runs, and MLflow reads it since 3.13 only with MLFLOW_ALLOW_FILE_STORE=true.
/// </summary>
public sealed class FileStore : IRunStore
{
    readonly string root;

    // The runs whose last write here went well: what is written next is new. Of others it may be there already, written
    // by a process that ended before it noted so.
    readonly HashSet<string> certain = [];

    FileStore(string root) => this.root = root;

    /// <summary>True for a folder that has an experiment of MLflow's in it.</summary>
    public static bool Is(string folder) => Directory.Exists(folder) && FileExperiment.All(folder).Any();

    /// <summary>Opens a store, and makes its folder where it is new.</summary>
    /// <exception cref="UserException">The folder cannot be made.</exception>
    public static FileStore Open(string folder)
    {
        var store = new FileStore(Path.GetFullPath(folder));
        store.Guarded(() =>
        {
            Directory.CreateDirectory(Path.Combine(store.root, ".trash"));
            if (!FileExperiment.All(store.root).Any())
                FileExperiment.Create(store.root, "0", "Default");
        });
        return store;
    }

    /// <inheritdoc/>
    public string Place => "file:" + root;

    /// <inheritdoc/>
    public string Key => "drained";

    /// <inheritdoc/>
    public RunFolder FolderOf(string experiment, string runId) =>
        RunFolder.Of(root, FileExperiment.FindOrCreate(root, experiment).Id, runId);

    /// <inheritdoc/>
    public bool Has(RunFolder run) => File.Exists(Path.Combine(run.Path, FileRun.Meta));

    /// <inheritdoc/>
    public void Write(RunFolder run, IReadOnlyList<JournalRecord> records, CancellationToken cancellation) =>
        Guarded(() =>
        {
            if (!Path.GetFullPath(run.Path).StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw new UserException(
                    $"The run's folder '{run.Path}' lies outside of the file store '{root}', which lists only its own. Move it into an experiment's folder there."
                );
            var sure = certain.Remove(run.RunId);
            foreach (var record in records)
                Write(run, record);
            FileMetrics.Append(run.Path, records.OfType<JournalRecord.Metrics>(), compare: !sure);
            certain.Add(run.RunId);
        });

    void Write(RunFolder run, JournalRecord record)
    {
        switch (record)
        {
            case JournalRecord.Started started:
                if (!Has(run))
                    FileRun.Create(run, FileExperiment.FindOrCreate(root, started.Experiment).Id, started);
                FileRun.WriteTexts(run.Path, "tags", started.StandardTags());
                break;
            case JournalRecord.Parameters parameters:
                FileRun.WriteTexts(run.Path, "params", parameters.Values);
                break;
            case JournalRecord.Tags tags:
                FileRun.WriteTexts(run.Path, "tags", tags.Values);
                break;
            case JournalRecord.Dataset dataset:
                WriteDataset(run, dataset);
                break;
            case JournalRecord.Status status:
                FileRun.Update(run.Path, ("status", FileRun.StatusNumber(status.Value)), ("end_time", status.End));
                break;
        }
    }

    // The names of the two folders are what MLflow itself derives.
    static void WriteDataset(RunFolder run, JournalRecord.Dataset dataset)
    {
        var id = Md5(dataset.Name + dataset.Digest);
        var datasets = Path.Combine(Path.GetDirectoryName(run.Path)!, "datasets", id);
        if (FileRun.ReadMeta(datasets) is null)
            FileRun.WriteMeta(
                datasets,
                ("digest", dataset.Digest),
                ("name", dataset.Name),
                ("profile", dataset.Profile),
                ("schema", ""),
                ("source", dataset.Source),
                ("source_type", dataset.Kind)
            );
        FileRun.WriteMeta(
            Path.Combine(run.Path, "inputs", Md5(id + run.RunId)),
            ("destination_id", id),
            ("destination_type", "RUN"),
            ("source_id", id),
            ("source_type", "DATASET"),
            ("tags", new YamlMappingNode("mlflow.data.context", "training"))
        );
    }

    /// <inheritdoc/>
    public IReadOnlyList<FoundRun> Search(RunQuery query)
    {
        // What meta.yaml tells is asked first: a run's other values are a file each, read where they are needed.
        var filter = new RunFilter([
            .. query.Filter.Conditions.OrderBy(condition => condition.Key.Entity != RunEntity.Attribute),
        ]);
        var runs = FileExperiment
            .All(root)
            .Where(experiment => experiment.Active && (query.Experiment ?? experiment.Name) == experiment.Name)
            .SelectMany(experiment => FileRun.All(experiment, Place))
            .Where(run => run.Deleted == query.Deleted)
            .Select(run => (run.Run, Values: new Lazy<RunValues>(() => FileRun.Values(run.Run))))
            .Where(pair => filter.Meets(pair.Run, pair.Values))
            .OrderByDescending(pair => pair.Run.Start);
        if (query.Order is { } order)
        {
            object? Value((FoundRun Run, Lazy<RunValues> Values) pair) =>
                RunFilter.ValueOf(order.Key, pair.Run, pair.Values) is var value and not double.NaN ? value : null;
            var sorted = runs.OrderBy(pair => Value(pair) is null);
            runs = order.Descending ? sorted.ThenByDescending(Value) : sorted.ThenBy(Value);
        }
        return [.. runs.Take(query.Limit).Select(pair => pair.Run)];
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, RunValues> Values(IReadOnlyCollection<FoundRun> runs) =>
        runs.ToDictionary(run => run.RunId, FileRun.Values);

    /// <inheritdoc/>
    public void SetDeleted(IReadOnlyCollection<FoundRun> runs, bool deleted) =>
        Guarded(() =>
        {
            foreach (var run in runs)
                FileRun.Update(
                    run.Folder.Path,
                    ("lifecycle_stage", deleted ? "deleted" : "active"),
                    ("deleted_time", deleted ? RunTracker.Now : null)
                );
        });

    /// <inheritdoc/>
    public void Erase(IReadOnlyCollection<FoundRun> runs)
    {
        foreach (var run in runs)
            run.Folder.Delete();
    }

    void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The tracking store '{root}' cannot be used: {failure.Message}");
        }
    }

    static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
