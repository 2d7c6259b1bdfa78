using System.Text.Json;

namespace Gan.Experiments;

/// <summary>What is known of a run at a server, kept in a file of the run's folder.</summary>
/// <param name="Address">The server's address.</param>
/// <param name="RunId">The run's id there; empty until it has one.</param>
/// <param name="ExperimentId">Its experiment's id there.</param>
/// <param name="ArtifactUri">Where the server wants its artifacts.</param>
/// <param name="Uploaded">The artifacts it has: by path, size and time of their last change.</param>
internal sealed record ServerLink(
    string Address,
    string RunId,
    string ExperimentId,
    string ArtifactUri,
    Dictionary<string, string> Uploaded
)
{
    const string Prefix = "server-";

    /// <summary>The key of a server, part of a file's name.</summary>
    public static string KeyOf(Uri address) =>
        Prefix + $"{address.Host}_{address.Port}{address.AbsolutePath.TrimEnd('/').Replace('/', '_')}";

    /// <summary>The link to a server; a new one where there is none.</summary>
    public static ServerLink Of(RunFolder run, Uri address) =>
        Read(FileOf(run, address)) ?? new ServerLink(address.AbsoluteUri, "", "", "", []);

    /// <summary>The addresses of all servers that a run is told to.</summary>
    public static IEnumerable<Uri> Addresses(RunFolder run) =>
        Directory.Exists(run.Path)
            ? Directory
                .EnumerateFiles(run.Path, $"{Prefix}*.json")
                .Select(Read)
                .OfType<ServerLink>()
                .Select(link => new Uri(link.Address))
            : [];

    /// <summary>Keeps the link.</summary>
    public void Save(RunFolder run) =>
        AtomicFile.WriteText(FileOf(run, new Uri(Address)), JsonSerializer.Serialize(this));

    static string FileOf(RunFolder run, Uri address) => Path.Combine(run.Path, KeyOf(address) + ".json");

    // A damaged file is as good as none: the run is found at the server by its tag.
    static ServerLink? Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<ServerLink>(File.ReadAllText(file)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
