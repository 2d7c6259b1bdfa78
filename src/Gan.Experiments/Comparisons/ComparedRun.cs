namespace Gan.Experiments;

/// <summary>One metric of a run, by step.</summary>
public sealed record Curve(IReadOnlyList<long> Steps, IReadOnlyList<double> Values)
{
    /// <summary>The latest value.</summary>
    public double Last => Values[^1];
}

/// <summary>A run, read whole from its journal.</summary>
/// <param name="Run">The run.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Curves">Its metrics, by name.</param>
public sealed record ComparedRun(
    FoundRun Run,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> Tags,
    IReadOnlyDictionary<string, Curve> Curves
)
{
    internal const string ParentTag = "mlflow.parentRunId";
    internal const string PhaseTag = "gan.phase";

    /// <summary>The tag of the parameters that a resume has set anew: those that MLflow keeps are never changed.</summary>
    internal const string ChangesTag = "gan.resumed_with";

    /// <summary>The sweep that it is a trial of; empty for none.</summary>
    public string Sweep => Tags.GetValueOrDefault(ParentTag) ?? "";

    /// <summary>Its phase of that sweep; empty for none.</summary>
    public string Phase => Tags.GetValueOrDefault(PhaseTag) ?? "";

    /// <summary>The seed.</summary>
    public string Seed => Parameters.GetValueOrDefault("seed") ?? "";

    /// <summary>The latest value of a metric; NaN where it has none.</summary>
    public double Last(string metric) => Curves.TryGetValue(metric, out var curve) ? curve.Last : double.NaN;

    /// <summary>Reads a run.</summary>
    public static ComparedRun Read(FoundRun run)
    {
        var parameters = new Dictionary<string, string>();
        var tags = new Dictionary<string, string>();
        var curves = new Dictionary<string, (List<long> Steps, List<double> Values)>();
        foreach (var entry in Journal.Read(run.Folder.Journal, 0))
            switch (entry.Record)
            {
                case JournalRecord.Parameters found:
                    Put(parameters, found.Values);
                    break;
                case JournalRecord.Tags found:
                    Put(tags, found.Values);
                    break;
                case JournalRecord.Metrics found:
                    foreach (var (key, value) in found.Values)
                    {
                        if (!curves.TryGetValue(key, out var curve))
                            curves[key] = curve = ([], []);
                        curve.Steps.Add(found.Step);
                        curve.Values.Add(value);
                    }
                    break;
            }
        if (tags.TryGetValue(ChangesTag, out var changes))
            Put(parameters, JsonSerializer.Deserialize<Dictionary<string, string>>(changes)!);
        return new ComparedRun(
            run,
            parameters,
            tags,
            curves
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .ToDictionary(pair => pair.Key, pair => new Curve(pair.Value.Steps, pair.Value.Values))
        );
    }

    /// <summary>The parameters of a spec that are not what the run began with.</summary>
    internal static IReadOnlyDictionary<string, string> Changes(RunFolder folder, ExperimentSpec spec)
    {
        var first = Journal.Records<JournalRecord.Parameters>(folder.Journal).FirstOrDefault()?.Values;
        return spec
            .Parameters.Where(pair => first?.GetValueOrDefault(pair.Key) != pair.Value)
            .ToDictionary(pair => pair.Key, pair => pair.Value);
    }

    static void Put(Dictionary<string, string> into, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (key, value) in values)
            into[key] = value;
    }
}
