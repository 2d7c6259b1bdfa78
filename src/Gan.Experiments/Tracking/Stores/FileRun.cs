using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Gan.Experiments;

/// <summary>A run of MLflow's file store: a folder with meta.yaml, and a file per parameter, tag and metric.</summary>
internal sealed record FileRun(FoundRun Run, bool Deleted)
{
    /// <summary>The file that says what a folder is.</summary>
    public const string Meta = "meta.yaml";

    static readonly string[] Statuses = ["", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

    /// <summary>The runs of an experiment.</summary>
    public static IEnumerable<FileRun> All(FileExperiment experiment, string store) =>
        from folder in Directory.EnumerateDirectories(experiment.Folder)
        let meta = ReadMeta(folder)
        where meta is not null && meta.ContainsKey("run_id")
        select new FileRun(
            new FoundRun(
                meta["run_id"],
                meta.GetValueOrDefault("run_name") ?? "",
                experiment.Name,
                int.TryParse(meta.GetValueOrDefault("status"), out var status) && status is > 0 and < 6
                    ? Statuses[status]
                    : "RUNNING",
                Time(meta.GetValueOrDefault("start_time")) ?? DateTimeOffset.UnixEpoch,
                Time(meta.GetValueOrDefault("end_time")),
                new RunFolder(meta["run_id"], folder),
                store
            ),
            meta.GetValueOrDefault("lifecycle_stage") == "deleted"
        );

    /// <summary>What the run's files have.</summary>
    public static RunValues Values(FoundRun run) =>
        new(
            Texts(Path.Combine(run.Folder.Path, "params")),
            Texts(Path.Combine(run.Folder.Path, "tags")),
            FileMetrics.Latest(run.Folder.Path)
        );

    /// <summary>Makes a run, all the folders that MLflow wants included.</summary>
    public static void Create(RunFolder run, string experiment, JournalRecord.Started started)
    {
        foreach (var part in (string[])["metrics", "params", "tags", "artifacts"])
            Directory.CreateDirectory(Path.Combine(run.Path, part));
        WriteMeta(
            run.Path,
            ("artifact_uri", new Uri(run.Artifacts).AbsoluteUri),
            ("end_time", null),
            ("entry_point_name", ""),
            ("experiment_id", experiment),
            ("lifecycle_stage", "active"),
            ("run_id", run.RunId),
            ("run_name", started.RunName),
            // MLflow 2 reads this one, under its old name.
            ("run_uuid", run.RunId),
            ("source_name", ""),
            ("source_type", 4),
            ("source_version", ""),
            ("start_time", started.Time),
            ("status", StatusNumber(RunStatus.Running)),
            ("tags", new YamlSequenceNode { Style = SequenceStyle.Flow }),
            ("user_id", started.User)
        );
    }

    /// <summary>A status as the file store counts them.</summary>
    public static int StatusNumber(RunStatus status) => Array.IndexOf(Statuses, status.ToString().ToUpperInvariant());

    /// <summary>Writes parameters or tags; a slash in a key is a folder.</summary>
    public static void WriteTexts(string run, string kind, IReadOnlyDictionary<string, string> values)
    {
        // Whole in one write: readers take the folder's every file for a value, a temporary one too.
        foreach (var (key, value) in values)
            File.WriteAllText(FileOf(run, kind, key), value);
    }

    /// <summary>The file of a key, whose folder is made.</summary>
    /// <exception cref="UserException">The key leads elsewhere.</exception>
    public static string FileOf(string run, string kind, string key)
    {
        var folder = Path.Combine(run, kind) + Path.DirectorySeparatorChar;
        var file = Path.GetFullPath(Path.Combine(folder, key));
        if (!file.StartsWith(folder, StringComparison.Ordinal) || file.Length == folder.Length)
            throw new UserException($"'{key}' is no key that a file store can have.");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return file;
    }

    /// <summary>Changes values of a run's meta.yaml.</summary>
    public static void Update(string folder, params (string Key, object? Value)[] changes) =>
        Save(folder, Load(folder) ?? throw new IOException($"'{Path.Combine(folder, Meta)}' cannot be read"), changes);

    /// <summary>Writes a meta.yaml, its keys in order.</summary>
    public static void WriteMeta(string folder, params (string Key, object? Value)[] values)
    {
        Directory.CreateDirectory(folder);
        Save(folder, new YamlMappingNode(), values);
    }

    /// <summary>The single values of a meta.yaml; null where there is none, or it is torn.</summary>
    public static IReadOnlyDictionary<string, string>? ReadMeta(string folder) =>
        Load(folder)
            ?.Children.Where(pair => pair.Key is YamlScalarNode && pair.Value is YamlScalarNode)
            .ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => ((YamlScalarNode)pair.Value).Value ?? "");

    // Texts are quoted, since some would read as numbers or truth values; MLflow writes these two plain.
    static YamlNode Node(object? value) =>
        value as YamlNode
        ?? new YamlScalarNode(Convert.ToString(value ?? "null", CultureInfo.InvariantCulture))
        {
            Style = value is string and not ("active" or "deleted") ? ScalarStyle.SingleQuoted : ScalarStyle.Any,
        };

    static YamlMappingNode? Load(string folder)
    {
        var file = Path.Combine(folder, Meta);
        if (!File.Exists(file))
            return null;
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(File.ReadAllText(file)));
            return stream.Documents is [{ RootNode: YamlMappingNode root }] ? root : null;
        }
        catch (YamlException)
        {
            return null;
        }
    }

    static void Save(string folder, YamlMappingNode root, (string Key, object? Value)[] values)
    {
        foreach (var (key, value) in values)
            root.Children[key] = Node(value);
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(text, assignAnchors: false);
        AtomicFile.WriteText(
            Path.Combine(folder, Meta),
            Regex.Replace(text.ToString(), @"^\.\.\.\n\z", "", RegexOptions.Multiline)
        );
    }

    static SortedDictionary<string, string> Texts(string folder)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (Directory.Exists(folder))
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                values[Path.GetRelativePath(folder, file)] = File.ReadAllText(file);
        return values;
    }

    static DateTimeOffset? Time(string? text) => long.TryParse(text, out var time) ? RunTracker.TimeOf(time) : null;
}
