using MathNet.Numerics;

namespace Gan.Experiments;

/// <summary>A parameter that differs among runs.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Numeric">True where every value is a number.</param>
/// <param name="Logarithmic">True where the numbers are over zero and far apart, as learning rates are.</param>
/// <param name="Values">Its values.</param>
/// <param name="Importance">
/// By metric, the fraction of the metric's variance that it alone accounts for, corrected for the numbers that were fitted.
/// </param>
internal sealed record ReportParameter(
    string Name,
    bool Numeric,
    bool Logarithmic,
    IReadOnlyList<string> Values,
    IReadOnlyDictionary<string, double> Importance
)
{
    const int MostGroups = 12;
    const double Wide = 20;

    /// <summary>The parameters in which runs differ, and what each does to some metrics.</summary>
    public static IReadOnlyList<ReportParameter> Of(GroupedRuns runs, IReadOnlyList<string> metrics) =>
        [
            .. runs
                .Groups.SelectMany(group => group.Values.Keys)
                .Distinct()
                .Order(StringComparer.Ordinal)
                .Where(name => runs.Runs.All(run => run.Parameters.ContainsKey(name)))
                .Select(name => Of(runs, name, metrics))
                .Where(parameter => parameter.Numeric || parameter.Values.Count <= MostGroups),
        ];

    static ReportParameter Of(GroupedRuns runs, string name, IReadOnlyList<string> metrics)
    {
        string[] values = [.. runs.Runs.Select(run => run.Parameters[name]).Distinct()];
        double?[] numbers = [.. values.Select(Number)];
        var numeric = numbers.All(number => number is not null);
        var logarithmic = numeric && numbers.Min() > 0 && numbers.Max() / numbers.Min() > Wide;
        return new ReportParameter(
            name,
            numeric,
            logarithmic,
            numeric ? [] : [.. values.Order(StringComparer.Ordinal)],
            metrics.ToDictionary(metric => metric, metric => ImportanceOf(runs, name, metric, numeric, logarithmic))
        );
    }

    static double ImportanceOf(GroupedRuns runs, string name, string metric, bool numeric, bool logarithmic)
    {
        (string Value, double Result)[] pairs =
        [
            .. runs
                .Runs.Select(run => (run.Parameters[name], run.Last(metric)))
                .Where(pair => double.IsFinite(pair.Item2)),
        ];
        var values = pairs.Select(pair => pair.Value).Distinct().Count();
        var curved = numeric && values > 3;
        var free = pairs.Length - (curved ? 3 : values);
        if (free < 1)
            return 0;
        var mean = pairs.Average(pair => pair.Result);
        var total = pairs.Sum(pair => Math.Pow(pair.Result - mean, 2));
        if (total == 0)
            return 0;
        var fitted = curved ? Parabola(pairs, logarithmic) : Means(pairs);
        var left = pairs.Zip(fitted, (pair, fit) => Math.Pow(pair.Result - fit, 2)).Sum();
        return Math.Round(Math.Clamp(1 - left / free / (total / (pairs.Length - 1)), 0, 1), 4);
    }

    static double[] Means((string Value, double Result)[] pairs)
    {
        var means = pairs
            .GroupBy(pair => pair.Value)
            .ToDictionary(group => group.Key, group => group.Average(pair => pair.Result));
        return [.. pairs.Select(pair => means[pair.Value])];
    }

    static double[] Parabola((string Value, double Result)[] pairs, bool logarithmic)
    {
        double[] x =
        [
            .. pairs.Select(pair => logarithmic ? Math.Log(Number(pair.Value)!.Value) : Number(pair.Value)!.Value),
        ];
        var coefficients = Fit.Polynomial(x, [.. pairs.Select(pair => pair.Result)], 2);
        return [.. x.Select(at => coefficients[0] + at * (coefficients[1] + at * coefficients[2]))];
    }

    static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : null;
}
