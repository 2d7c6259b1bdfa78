using System.Net;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Gan.Experiments;

/// <summary>
/// Runs as one HTML file that needs nothing else: ranking, curves with bands over seeds, parameters, samples by step,
/// spectra, sound. It opens from a disk, without a network.
/// </summary>
public static class HtmlReport
{
    const int MostPoints = 400;
    const int LeastPoints = 40;
    const int PointsOfAll = 80_000;
    const int Digits = 6;
    const int MostRanked = 30;

    static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new FiniteNumbers() },
    };

    /// <summary>Writes the report.</summary>
    /// <param name="output">The file.</param>
    /// <param name="runs">The runs.</param>
    /// <param name="metric">What the groups are ranked by.</param>
    /// <param name="command">The command that makes it, for its last line.</param>
    public static void Write(string output, GroupedRuns runs, SweepMetric metric, string command)
    {
        var page = Resource("report.html")
            .Replace("{{title}}", WebUtility.HtmlEncode(runs.Title))
            .Replace("{{command}}", WebUtility.HtmlEncode(command))
            .Replace("{{style}}", Resource("report.css"))
            .Replace("{{charts}}", Resource("echarts.js"))
            .Replace("{{script}}", Resource("report.js"))
            // No value may end the element that it stands in.
            .Replace("{{data}}", JsonSerializer.Serialize(Data(runs, metric), Options).Replace("<", "\\u003c"));
        OutputFile.WriteText(output, page);
    }

    static object Data(GroupedRuns runs, SweepMetric metric)
    {
        var all = runs.Runs.ToList();
        var metrics = runs.Metrics;
        string[] ranked =
        [
            .. metrics
                .Where(name => name.StartsWith("evaluation/", StringComparison.Ordinal))
                .Prepend(metric.Name)
                .Distinct()
                .Where(metrics.Contains)
                .DefaultIfEmpty(metrics.FirstOrDefault() ?? metric.Name)
                .Take(MostRanked),
        ];
        var points = Math.Clamp(PointsOfAll / all.Count, LeastPoints, MostPoints);
        var strides = all.SelectMany(run => run.Curves)
            .GroupBy(curve => curve.Key, curve => curve.Value.Steps.Count)
            .ToDictionary(counts => counts.Key, counts => (counts.Max() + points - 1) / points);
        var thinning = new Thinning(strides);
        var shown = ReportMedia.Shown(runs);
        var parameters = ReportParameter.Of(runs, ranked);
        return new
        {
            title = runs.Title,
            summary = Summary(all, runs.Groups.Count),
            note = "Interval: Student's, of the mean over seeds. p: that the group is as good as the first, by a paired bootstrap over the seeds that both have, corrected by Holm's method; with three seeds it cannot be small.",
            metric = metric.Name,
            metrics,
            groups = runs.Groups.Select(group => new
            {
                label = group.Label,
                runs = group.Runs.Select(run => all.IndexOf(run)),
            }),
            rankings = ranked.ToDictionary(name => name, name => Ranking(runs, Goal(name, metric))),
            parameters = runs.Groups.Count > 1 ? parameters : [],
            runs = runs.Groups.SelectMany(
                (group, g) => group.Runs.Select(run => Run(run, g, ranked, parameters, thinning))
            ),
            steps = thinning.Steps,
            pictures = shown.SelectMany(run => Pictures(run, all.IndexOf(run), shown.Count)),
            sounds = shown.SelectMany(run => Sounds(run, all.IndexOf(run), shown.Count)),
            spectra = all.SelectMany(Spectra),
        };
    }

    static SweepMetric Goal(string name, SweepMetric metric) =>
        name == metric.Name ? metric : new SweepMetric(name, GroupedRuns.IsMaximized(name));

    static string Summary(List<ComparedRun> runs, int groups)
    {
        var ended = runs.Count(run => run.Run.Status == "FINISHED");
        var from = runs.Min(run => run.Run.Start).ToLocalTime();
        var what =
            groups > 1 ? $"{runs.Count} runs in {groups} groups"
            : runs.Count > 1 ? $"{runs.Count} runs"
            : "one run";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}, {ended} finished; from {from:yyyy-MM-dd HH:mm} on."
        );
    }

    static IEnumerable<object> Ranking(GroupedRuns runs, SweepMetric metric)
    {
        var groups = runs.Groups.ToList();
        return runs.Rank(metric)
            .Select(one => new
            {
                rank = one.Rank,
                group = groups.IndexOf(one.Group),
                count = one.Metric.Count,
                mean = one.Metric.Mean,
                deviation = one.Metric.Deviation,
                low = one.Metric.Low,
                high = one.Metric.High,
                p = one.P,
                lost = one.Lost,
            });
    }

    static object Run(
        ComparedRun run,
        int group,
        IReadOnlyList<string> ranked,
        IReadOnlyList<ReportParameter> parameters,
        Thinning thinning
    ) =>
        new
        {
            id = run.Run.RunId,
            name = run.Run.Name,
            seed = run.Seed,
            status = run.Run.Status,
            group,
            steps = run
                .Curves.Where(pair => !pair.Key.StartsWith(SystemMonitor.Prefix, StringComparison.Ordinal))
                .Select(pair => pair.Value.Steps[^1])
                .DefaultIfEmpty(0)
                .Max(),
            last = ranked.ToDictionary(name => name, run.Last),
            parameters = parameters.ToDictionary(
                parameter => parameter.Name,
                parameter => run.Parameters[parameter.Name]
            ),
            troubles = run
                .Tags.Keys.Where(key => key.StartsWith("gan.detected.", StringComparison.Ordinal))
                .Select(key => key["gan.detected.".Length..]),
            curves = run.Curves.ToDictionary(pair => pair.Key, pair => thinning.Of(pair.Key, pair.Value)),
        };

    static IEnumerable<object> Pictures(ComparedRun run, int index, int shown) =>
        StepFile
            .In(run.Run.Folder.Images, ".png")
            .GroupBy(file => file.Kind)
            .Select(kind => new
            {
                run = index,
                kind = kind.Key,
                steps = ReportMedia
                    .Chosen([.. kind], shown)
                    .Select(file => new { step = file.Step, source = file.Source }),
            });

    static IEnumerable<object> Sounds(ComparedRun run, int index, int shown) =>
        ReportMedia
            .Chosen(StepFile.In(run.Run.Folder.Sounds, ".wav"), shown)
            .TakeLast(3)
            .Select(file => new
            {
                run = index,
                step = file.Step,
                source = file.Source,
            });

    static IEnumerable<object> Spectra(ComparedRun run, int index)
    {
        if (!Directory.Exists(run.Run.Folder.Spectra))
            yield break;
        var files = Directory.EnumerateFiles(run.Run.Folder.Spectra, "*.json").Order(StringComparer.Ordinal);
        foreach (var file in files.TakeLast(2))
            if (JsonNode.Parse(File.ReadAllText(file)) is JsonObject found)
                yield return new
                {
                    run = index,
                    step = found["step"],
                    values = found["eigenvalues"]!.AsArray().Select(value => new[] { value!["re"], value["im"] }),
                };
    }

    static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        return new StreamReader(stream).ReadToEnd();
    }

    /// <summary>Curves with one in so many points of each metric, and the lists of steps that they share.</summary>
    sealed class Thinning(IReadOnlyDictionary<string, int> strides)
    {
        readonly OrderedDictionary<string, long[]> known = [];

        public IEnumerable<long[]> Steps => known.Values;

        // The same steps of runs that logged the same ones, so that their mean is of values at one step; and each run's
        // last.
        public object[] Of(string metric, Curve curve)
        {
            var (stride, last) = (strides[metric], curve.Steps.Count - 1);
            int[] kept = [.. Enumerable.Range(0, curve.Steps.Count).Where(i => i % stride == 0 || i == last)];
            long[] steps = [.. kept.Select(i => curve.Steps[i])];
            known.TryAdd(string.Join(' ', steps), steps, out var index);
            return [index, kept.Select(i => curve.Values[i]).ToArray()];
        }
    }

    /// <summary>Numbers with as many digits as a picture shows; JSON has no NaN, which is null.</summary>
    sealed class FiniteNumbers : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
                writer.WriteRawValue(value.ToString($"G{Digits}", CultureInfo.InvariantCulture));
            else
                writer.WriteNullValue();
        }
    }
}
