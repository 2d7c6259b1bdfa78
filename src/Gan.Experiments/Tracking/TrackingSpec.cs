namespace Gan.Experiments;

/// <summary>Where a run is written down.</summary>
/// <param name="Store">The store on this machine, as <see cref="RunStores.Open"/> takes it; null for none.</param>
/// <param name="Server">The address of an MLflow server that is told as well; null for none.</param>
public sealed record TrackingSpec(string? Store, string? Server)
{
    const string File = "mlflow.db";
    const string Folder = "mlruns";

    /// <summary>
    /// What MLFLOW_TRACKING_URI asks for: a server, beside a store in mlflow.db; a SQLite file; or a folder of MLflow's
    /// file store. Unset: mlflow.db, but where mlruns holds a file store, that, as MLflow's own commands have it.
    /// </summary>
    public static TrackingSpec FromEnvironment()
    {
        var uri = Environment.GetEnvironmentVariable("MLFLOW_TRACKING_URI") ?? "";
        return uri.Length == 0 ? new TrackingSpec(FileStore.Is(Folder) ? "file:" + Folder : File, null)
            : RunStores.IsServer(uri) ? new TrackingSpec(File, uri)
            : uri.StartsWith("sqlite:", StringComparison.Ordinal) || uri.StartsWith("file:", StringComparison.Ordinal)
                ? new TrackingSpec(uri, null)
            : uri == "databricks" || uri.Contains("://", StringComparison.Ordinal)
                ? throw new UserException(
                    $"MLFLOW_TRACKING_URI is '{RunStores.Shown(uri)}'; gan writes to http(s):// servers, sqlite:/// files and file: folders."
                )
            : new TrackingSpec("file:" + uri, null);
    }

    /// <summary>Reads the section <c>tracking</c> of a spec.</summary>
    internal static TrackingSpec Read(SpecReader section)
    {
        var kind = section.Text("kind", "auto");
        return kind switch
        {
            "auto" when section.Has("file") => new TrackingSpec(Named(section, "file", File), ReadServer(section)),
            "auto" => FromEnvironment() with { Server = ReadServer(section) },
            "none" => new TrackingSpec(null, null),
            "sqlite" => new TrackingSpec(Named(section, "file", File), ReadServer(section)),
            "files" => new TrackingSpec("file:" + Named(section, "folder", Folder), ReadServer(section)),
            _ => throw section.NoSuch("kind", kind, ["auto", "sqlite", "files", "none"]),
        };
    }

    static string Named(SpecReader section, string key, string fallback) =>
        section.Text(key, fallback) is { Length: > 0 } name
            ? name
            : throw section.Wrong(key, "must be a name; it is empty.");

    static string? ReadServer(SpecReader section)
    {
        if (!section.Has("server"))
            return FromEnvironment().Server;
        var server = section.Text("server");
        return server == "none" ? null
            : RunStores.Shown(server) != server
                ? throw section.Wrong(
                    "server",
                    "has a password in it, which would be written down with the run; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
                )
            : RunStores.IsServer(server) ? server
            : throw section.Wrong("server", $"must be an address, http://… or https://…, or none; got '{server}'.");
    }
}
