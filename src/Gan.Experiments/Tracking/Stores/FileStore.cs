using System.Globalization;
using System.Security.Cryptography;
using System.Text;

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
        Guarded(
            store.root,
            () =>
            {
                Directory.CreateDirectory(Path.Combine(store.root, ".trash"));
                if (!FileExperiment.All(store.root).Any())
                    FileExperiment.Create(store.root, "0", "Default");
            }
        );
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
        Guarded(
            root,
            () =>
            {
                if (
                    !Path.GetFullPath(run.Path).StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                )
                    throw new UserException(
                        $"The run's folder '{run.Path}' lies outside of the file store '{root}', which lists only its own. Move it into an experiment's folder there."
                    );
                var sure = certain.Remove(run.RunId);
                foreach (var record in records)
                    Write(run, record);
                FileMetrics.Append(run.Path, records.OfType<JournalRecord.Metrics>(), compare: !sure);
                certain.Add(run.RunId);
            }
        );

    void Write(RunFolder run, JournalRecord record)
    {
        switch (record)
        {
            case JournalRecord.Started started:
                if (!Has(run))
                    FileRun.Create(run, FileExperiment.FindOrCreate(root, started.Experiment).Id, started);
                foreach (var (key, value) in started.StandardTags())
                    FileRun.WriteText(run.Path, "tags", key, value);
                break;
            case JournalRecord.Parameters parameters:
                foreach (var (key, value) in parameters.Values)
                    FileRun.WriteText(run.Path, "params", key, value);
                break;
            case JournalRecord.Tags tags:
                foreach (var (key, value) in tags.Values)
                    FileRun.WriteText(run.Path, "tags", key, value);
                break;
            case JournalRecord.Dataset dataset:
                WriteDataset(run, dataset);
                break;
            case JournalRecord.Status status:
                FileRun.Update(
                    run.Path,
                    ("status", FileRun.StatusNumber(status.Value)),
                    ("end_time", status.Value.HasEnded() ? status.Time.ToString(CultureInfo.InvariantCulture) : "null")
                );
                break;
        }
    }

    // The names of the two folders are what MLflow itself derives.
    static void WriteDataset(RunFolder run, JournalRecord.Dataset dataset)
    {
        var id = Md5(dataset.Name + dataset.Digest);
        var experiment = Path.GetDirectoryName(run.Path)!;
        var datasets = Path.Combine(experiment, "datasets", id);
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
            ("tags", new Dictionary<string, string> { ["mlflow.data.context"] = "training" })
        );
    }

    /// <inheritdoc/>
    public IReadOnlyList<FoundRun> Search(RunQuery query)
    {
        var found = FileExperiment
            .All(root)
            .Where(experiment => experiment.Active && (query.Experiment ?? experiment.Name) == experiment.Name)
            .SelectMany(experiment => FileRun.All(experiment, Place))
            .Where(run => run.Deleted == query.Deleted)
            .Select(run => run.Run);
        if (query.Filter.Conditions.Count == 0 && query.Order is null)
            return [.. found.OrderByDescending(run => run.Start).Take(query.Limit)];
        // What meta.yaml tells is asked first: a run's other values are a file each.
        var cheap = new RunFilter([
            .. query.Filter.Conditions.Where(condition => condition.Key.Entity == RunEntity.Attribute),
        ]);
        var none = new RunValues(
            new Dictionary<string, string>(),
            new Dictionary<string, string>(),
            new Dictionary<string, double>()
        );
        var enough = cheap.Conditions.Count == query.Filter.Conditions.Count && query.Order is null;
        var runs = found
            .Where(run => cheap.Meets(run, none))
            .Select(run => (Run: run, Values: enough ? none : FileRun.Values(run)))
            .Where(pair => query.Filter.Meets(pair.Run, pair.Values))
            .OrderByDescending(pair => pair.Run.Start)
            .ToList();
        if (query.Order is { } order)
        {
            object? Value((FoundRun Run, RunValues Values) pair) =>
                RunFilter.ValueOf(order.Key, pair.Run, pair.Values) is double value && double.IsNaN(value)
                    ? null
                    : RunFilter.ValueOf(order.Key, pair.Run, pair.Values);
            var sorted = runs.OrderBy(pair => Value(pair) is null);
            runs = [.. order.Descending ? sorted.ThenByDescending(Value) : sorted.ThenBy(Value)];
        }
        return [.. runs.Take(query.Limit).Select(pair => pair.Run)];
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, RunValues> Values(IReadOnlyCollection<FoundRun> runs) =>
        runs.ToDictionary(run => run.RunId, FileRun.Values);

    /// <inheritdoc/>
    public void SetDeleted(IReadOnlyCollection<FoundRun> runs, bool deleted) =>
        Guarded(
            root,
            () =>
            {
                foreach (var run in runs)
                    FileRun.Update(
                        run.Folder.Path,
                        ("lifecycle_stage", deleted ? "deleted" : "active"),
                        ("deleted_time", deleted ? RunTracker.Now.ToString(CultureInfo.InvariantCulture) : "null")
                    );
            }
        );

    /// <inheritdoc/>
    public void Erase(IReadOnlyCollection<FoundRun> runs)
    {
        foreach (var run in runs)
            run.Folder.Delete();
    }

    static void Guarded(string root, Action action)
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
