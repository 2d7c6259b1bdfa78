namespace Gan.Experiments;

/// <summary>What is known of a run at a server, kept in a file of the run's folder.</summary>
/// <param name="Address">The server's address.</param>
/// <param name="RunId">The run's id there; empty until it has one.</param>
/// <param name="ExperimentId">Its experiment's id there.</param>
/// <param name="ArtifactUri">Where the server wants its artifacts.</param>
/// <param name="Uploaded">The artifacts it has: by path, size and time of their last change.</param>
/// <param name="Imported">
/// The address came with the run's folder from elsewhere: it gets no name, password or token of ours, and names no place
/// on this disk.
/// </param>
internal sealed record ServerLink(
    string Address,
    string RunId,
    string ExperimentId,
    string ArtifactUri,
    Dictionary<string, string> Uploaded,
    bool Imported = false
)
{
    const string Prefix = "server-";

    /// <summary>The key of a server, part of a file's name.</summary>
    public static string KeyOf(Uri address) =>
        Prefix + $"{address.Host}_{address.Port}{address.AbsolutePath.TrimEnd('/').Replace('/', '_')}";

    /// <summary>The link to a server; a new one where there is none.</summary>
    public static ServerLink Of(RunFolder run, Uri address) =>
        Read(FileOf(run, address)) ?? new ServerLink(address.AbsoluteUri, "", "", "", []);

    /// <summary>The links to all servers that a run is told to.</summary>
    public static IEnumerable<ServerLink> All(RunFolder run) =>
        Directory.Exists(run.Path)
            ? Directory.EnumerateFiles(run.Path, $"{Prefix}*.json").Select(Read).OfType<ServerLink>()
            : [];

    /// <summary>
    /// Believes nothing of what a folder from elsewhere says that others have of the run, but for the servers' addresses:
    /// all is told to them again, which changes nothing where it was told before.
    /// </summary>
    public static void Import(RunFolder run)
    {
        var addresses = All(run).Select(link => link.Address).ToArray();
        var positions = Directory
            .GetFiles(run.Path)
            .Where(file => file.StartsWith($"{run.Journal}.", StringComparison.Ordinal))
            .Where(file => !file.EndsWith(Journal.Damaged, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(run.Path, $"{Prefix}*.json").Concat(positions))
            File.Delete(file);
        foreach (var address in addresses)
            new ServerLink(address, "", "", "", [], Imported: true).Save(run);
    }

    /// <summary>Keeps the link.</summary>
    public void Save(RunFolder run) =>
        AtomicFile.WriteText(FileOf(run, new Uri(Address)), JsonSerializer.Serialize(this));

    static string FileOf(RunFolder run, Uri address) => Path.Combine(run.Path, KeyOf(address) + ".json");

    // A damaged file is as good as none: the run is found at the server by its tag.
    static ServerLink? Read(string file)
    {
        try
        {
            var link = File.Exists(file) ? JsonSerializer.Deserialize<ServerLink>(File.ReadAllText(file)) : null;
            return link?.Uploaded is not null && Uri.TryCreate(link.Address, UriKind.Absolute, out _) ? link : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
