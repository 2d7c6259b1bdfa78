namespace Gan.Experiments;

/// <summary>Opens tracking stores by their names.</summary>
public static class RunStores
{
    const string Sqlite = "sqlite:///";

    /// <summary>The store that commands look into where none is named: MLFLOW_TRACKING_URI's, or else mlflow.db.</summary>
    public static string Default => TrackingSpec.FromEnvironment().Store!;

    /// <summary>
    /// Opens a store: a SQLite file (<c>mlflow.db</c>, <c>sqlite:///mlflow.db</c>), or an MLflow file store
    /// (<c>file:mlruns</c>, or a folder that is there).
    /// </summary>
    /// <exception cref="UserException">It cannot be opened, or is no tracking store.</exception>
    public static IRunStore Open(string place) =>
        IsServer(place)
            ? throw new UserException(
                $"'{place}' is a server; runs are looked up on this machine, in a store such as mlflow.db, and seen at the server in its own pages."
            )
        : FolderOf(place) is { } folder ? FileStore.Open(folder)
        : SqliteStore.Open(FileOf(place));

    /// <summary>Opens a store that must be there already.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static IRunStore OpenExisting(string place) =>
        Exists(place) ? Open(place) : throw new UserException($"There is no store '{place}'.");

    /// <summary>True where there is a file or folder of the name.</summary>
    public static bool Exists(string place) =>
        FolderOf(place) is { } folder ? Directory.Exists(folder) : File.Exists(FileOf(place));

    /// <summary>True for the URI of a server.</summary>
    internal static bool IsServer(string place) =>
        place.StartsWith("http://", StringComparison.Ordinal) || place.StartsWith("https://", StringComparison.Ordinal);

    static string? FolderOf(string place) =>
        place.StartsWith("file:", StringComparison.Ordinal)
            ? place.StartsWith("file://", StringComparison.Ordinal)
                ? new Uri(place).LocalPath
                : place["file:".Length..]
            : Directory.Exists(place)
                ? place
                : null;

    static string FileOf(string place) =>
        place.StartsWith(Sqlite, StringComparison.Ordinal) ? place[Sqlite.Length..] : place;
}
