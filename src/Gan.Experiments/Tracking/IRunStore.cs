namespace Gan.Experiments;

/// <summary>What runs to list.</summary>
/// <param name="Experiment">Only those of this experiment; null for all.</param>
/// <param name="Filter">Only those that meet it.</param>
/// <param name="Order">By which value, as <c>metrics.evaluation/modes DESC</c>; null for the latest first.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="Deleted">Those that were removed, instead of those that were not.</param>
public sealed record RunQuery(string? Experiment, RunFilter Filter, RunOrder? Order, int Limit, bool Deleted)
{
    /// <summary>All runs, the latest first.</summary>
    public static RunQuery All { get; } = new(null, RunFilter.None, null, int.MaxValue, false);

    /// <summary>The same, of at most so many.</summary>
    public RunQuery WithLimit(int limit) => this with { Limit = limit };
}

/// <summary>What a store has of a run.</summary>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Metrics">The latest value of each metric.</param>
public sealed record RunValues(
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, double> Metrics
);

/// <summary>A tracking store on this machine, in which runs live: their folders are beside it, and it can be searched.</summary>
public interface IRunStore : ITrackingTarget
{
    /// <summary>The store, as <see cref="RunStores.Open"/> opens it again.</summary>
    string Place { get; }

    /// <summary>The folder of a run of an experiment, which is made where it is new.</summary>
    /// <exception cref="UserException">The experiment was deleted in MLflow.</exception>
    RunFolder FolderOf(string experiment, string runId);

    /// <summary>The runs that a query asks for.</summary>
    IReadOnlyList<FoundRun> Search(RunQuery query);

    /// <summary>What the store has of some runs, by their ids.</summary>
    IReadOnlyDictionary<string, RunValues> Values(IReadOnlyCollection<FoundRun> runs);

    /// <summary>Removes runs from the lists, or brings them back. Their files stay.</summary>
    void SetDeleted(IReadOnlyCollection<FoundRun> runs, bool deleted);

    /// <summary>Forgets removed runs for good, and deletes their files.</summary>
    void Erase(IReadOnlyCollection<FoundRun> runs);
}
