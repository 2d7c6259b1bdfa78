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
        return new ComparedRun(
            run,
            parameters,
            tags,
            curves
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .ToDictionary(pair => pair.Key, pair => new Curve(pair.Value.Steps, pair.Value.Values))
        );
    }

    static void Put(Dictionary<string, string> into, IReadOnlyDictionary<string, string> values)
    {
        foreach (var (key, value) in values)
            into[key] = value;
    }
}
