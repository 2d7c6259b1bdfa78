namespace Gan.Experiments;

/// <summary>A run as the store knows it.</summary>
public sealed record FoundRun(
    string RunId,
    string Name,
    string Experiment,
    string Status,
    DateTimeOffset Start,
    DateTimeOffset? End,
    RunFolder Folder,
    string Store
)
{
    internal const string PretrainedTag = "gan.pretrained";

    /// <summary>The checkpoint that the run's first weights are from; null where they were drawn.</summary>
    public string? Pretrained => FirstTag(PretrainedTag);

    /// <summary>What the run was trained with, as <see cref="MachineFacts.Engine"/> names it; null where its journal does not tell.</summary>
    public string? Engine => FirstTag("gan.engine.libtorch") is { } version ? $"libtorch {version}" : null;

    string? FirstTag(string name) =>
        Journal.Records<JournalRecord.Tags>(Folder.Journal).FirstOrDefault()?.Values.GetValueOrDefault(name);

    /// <summary>The run's spec, with values set anew.</summary>
    /// <exception cref="UserException">Its folder is gone, or it is a sweep, which has no spec of its own.</exception>
    public ExperimentSpec ReadSpec(IEnumerable<string> assignments) =>
        !Directory.Exists(Folder.Path)
            ? throw new UserException(
                $"The run {Folder.ShortId} is in '{Store}', but its folder '{Folder.Path}' is gone; bring it back where it was."
            )
        : FoundSweep.Of(this) is not null
            ? throw new UserException(
                $"{Folder.ShortId} ({Name}) is a sweep; name one of its runs: gan runs --filter \"tags.mlflow.parentRunId = '{RunId}'\""
            )
        : ExperimentSpec.Load(Folder.Spec, assignments);

    /// <summary>Sees that a spec can go on with this run: its name, its experiment, and steps that are not made yet.</summary>
    /// <exception cref="UserException">It cannot.</exception>
    internal void RequireContinuable(ExperimentSpec spec)
    {
        if (spec.Name != Name || spec.Experiment != Experiment)
            throw new UserException(
                $"A run keeps its name and its experiment: '{Name}' in '{Experiment}'. To run '{spec.Name}' in '{spec.Experiment}', start it anew from the run's weights: --pretrained {Folder.ShortId}"
            );
        if (Folder.SavedStep > spec.Steps)
            throw new UserException(
                $"The run {Folder.ShortId} has made {Folder.SavedStep} steps already; to go on, set more: --set steps=N."
            );
    }
}

/// <summary>Finds runs in a store.</summary>
public static class RunIndex
{
    /// <summary>The runs of a store that a query asks for; none where there is no store yet.</summary>
    public static IReadOnlyList<FoundRun> List(string place, RunQuery query)
    {
        if (!RunStores.Exists(place))
            return [];
        using var store = RunStores.Open(place);
        return store.Search(query);
    }

    /// <summary>
    /// The run of a name, the latest where several bear it; or else the one whose id is so or begins so, by four letters or
    /// more.
    /// </summary>
    /// <exception cref="UserException">There is none, or the beginning fits several ids.</exception>
    public static FoundRun Find(string place, string text) => Find(place, text, List(place, RunQuery.All));

    /// <summary>As <see cref="Find(string, string)"/>, but a name that several bear is refused: for what cannot be taken back.</summary>
    /// <param name="place">The store.</param>
    /// <param name="text">A name, an id, or its beginning.</param>
    /// <param name="deleted">Among those that were removed, or that were not; null for both.</param>
    public static FoundRun FindOnly(string place, string text, bool? deleted)
    {
        FoundRun[] runs =
        [
            .. deleted == true ? [] : List(place, RunQuery.All),
            .. deleted == false ? [] : List(place, RunQuery.All with { Deleted = true }),
        ];
        var named = runs.Where(run => run.Name == text).Select(run => run.Folder.ShortId).ToArray();
        return named.Length <= 1
            ? Find(place, text, runs)
            : throw new UserException(
                $"{named.Length} runs are named '{text}': {string.Join(", ", named)}. Name one by its id."
            );
    }

    /// <summary>As <see cref="Find(string, string)"/>, among runs that are listed already.</summary>
    internal static FoundRun Find(string place, string text, IReadOnlyList<FoundRun> runs)
    {
        const int leastPrefix = 4;
        if (runs.FirstOrDefault(run => run.Name == text) is { } named)
            return named;
        var byId = runs.Where(run =>
                text.Length >= leastPrefix && run.RunId.StartsWith(text, StringComparison.OrdinalIgnoreCase)
            )
            .ToArray();
        if (byId.Length > 1)
            throw new UserException($"'{text}' begins {byId.Length} runs' ids; give more of it.");
        return byId.FirstOrDefault()
            ?? throw new UserException(
                $"There is no run '{text}' in '{place}'. {(runs.Count == 0 ? "It has no runs." : $"The latest is {runs[0].Folder.ShortId} ({runs[0].Name}); list them with: gan runs")}"
            );
    }

    /// <summary>What the store has of a run.</summary>
    public static RunValues Values(FoundRun run)
    {
        using var store = RunStores.Open(run.Store);
        return store.Values([run])[run.RunId];
    }
}
