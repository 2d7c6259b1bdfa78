using System.Text.RegularExpressions;

namespace Gan.Experiments;

/// <summary>Opens tracking stores by their names.</summary>
public static partial class RunStores
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

    /// <summary>True where there is a file of the name, or a folder of MLflow's file store.</summary>
    public static bool Exists(string place) =>
        FolderOf(place) is { } folder ? FileStore.Is(folder) : File.Exists(FileOf(place));

    /// <summary>Sees that a store is there, for those who name one.</summary>
    /// <exception cref="UserException">There is none.</exception>
    public static void Require(string place)
    {
        if (!Exists(place))
            throw new UserException(
                FolderOf(place) is { } folder && Directory.Exists(folder)
                    ? $"'{place}' is a folder, but no file store of MLflow; name a store, as in --store {Path.Combine(place, "mlflow.db")}."
                    : $"There is no store '{place}'."
            );
    }

    /// <summary>True for the URI of a server.</summary>
    internal static bool IsServer(string place) =>
        place.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || place.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>What is thrown where an experiment was deleted, in MLflow or at a server.</summary>
    internal static UserException DeletedExperiment(string name, string where) =>
        new($"The experiment '{name}' was deleted {where}. Restore it there, or name another: --set experiment=NAME.");

    /// <summary>A name of a store or server as it may be shown: without a password.</summary>
    internal static string Shown(string place) => Secret().Replace(place, "//");

    static string? FolderOf(string place) =>
        place.StartsWith("file:", StringComparison.Ordinal)
            ? Named(
                place,
                place.StartsWith("file://", StringComparison.Ordinal)
                    ? Uri.TryCreate(place, UriKind.Absolute, out var uri)
                        ? uri.LocalPath
                        : ""
                    : place["file:".Length..]
            )
        : Directory.Exists(place) ? place
        : null;

    static string FileOf(string place) =>
        Named(
            place,
            place.StartsWith(Sqlite, StringComparison.Ordinal) ? place[Sqlite.Length..]
                : place.Contains("://", StringComparison.Ordinal) ? ""
                : place
        );

    static string Named(string place, string path) =>
        path.Trim().Length > 0
            ? path
            : throw new UserException(
                $"'{Shown(place)}' names no store; write mlflow.db, sqlite:///mlflow.db or file:mlruns."
            );

    [GeneratedRegex("//[^/@]*@")]
    private static partial Regex Secret();
}
