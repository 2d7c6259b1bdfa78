namespace Gan.Experiments;

/// <summary>An experiment of MLflow's file store: a folder with a meta.yaml.</summary>
internal sealed record FileExperiment(string Id, string Name, bool Active, string Folder)
{
    /// <summary>All experiments of a store.</summary>
    public static IEnumerable<FileExperiment> All(string root) =>
        from folder in Directory.EnumerateDirectories(root)
        let meta = FileRun.ReadMeta(folder)
        where meta is not null && meta.ContainsKey("name")
        select new FileExperiment(
            Path.GetFileName(folder),
            meta["name"],
            meta.GetValueOrDefault("lifecycle_stage") != "deleted",
            folder
        );

    /// <summary>The experiment of a name, which is made where there is none.</summary>
    /// <exception cref="UserException">It was deleted in MLflow.</exception>
    public static FileExperiment FindOrCreate(string root, string name)
    {
        var found = All(root).Where(experiment => experiment.Name == name).OrderBy(experiment => experiment.Id);
        if (found.FirstOrDefault() is not { } known)
            return Create(root, NewId(name), name);
        return known.Active ? known : throw RunStores.DeletedExperiment(name, "in MLflow");
    }

    /// <summary>Makes an experiment.</summary>
    public static FileExperiment Create(string root, string id, string name)
    {
        var folder = Path.Combine(root, id);
        var now = RunTracker.Now;
        FileRun.WriteMeta(
            folder,
            ("artifact_location", new Uri(folder).AbsoluteUri),
            ("creation_time", now),
            ("experiment_id", id),
            ("last_update_time", now),
            ("lifecycle_stage", "active"),
            ("name", name)
        );
        return new FileExperiment(id, name, true, folder);
    }

    // Eighteen digits, as MLflow draws them, but of the name: two processes that make it at once make the same.
    static string NewId(string name)
    {
        var hash = BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return $"{hash % 900_000_000_000_000_000UL + 100_000_000_000_000_000UL}";
    }
}
