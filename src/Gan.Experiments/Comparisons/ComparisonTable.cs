namespace Gan.Experiments;

/// <summary>A comparison as a table of texts, in several forms.</summary>
/// <param name="Header">The columns' names.</param>
/// <param name="Rows">The rows.</param>
public sealed record ComparisonTable(IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>
    /// The groups in the order of the first metric, with every metric's mean, deviation and 95 % interval, and for the first
    /// one the corrected p-value against the best.
    /// </summary>
    public static ComparisonTable Of(GroupedRuns runs, IReadOnlyList<SweepMetric> metrics)
    {
        var ranked = runs.Rank(metrics[0]);
        var header = new List<string> { "rank", "group", "runs" };
        foreach (var metric in metrics)
            header.AddRange([metric.Name, "deviation", "95 % interval"]);
        header.AddRange(["p", "lost"]);
        return new ComparisonTable(
            header,
            [
                .. ranked.Select(one =>
                    (IReadOnlyList<string>)
                        [
                            $"{one.Rank}",
                            one.Group.Label,
                            $"{one.Metric.Count}",
                            .. metrics.SelectMany(metric => Cells(one.Group, metric)),
                            one.P is { } p ? Number(p) : "",
                            one.Lost > 0 ? $"{one.Lost}" : "",
                        ]
                ),
            ]
        );
    }

    static IEnumerable<string> Cells(ComparedGroup group, SweepMetric metric)
    {
        var summary = group.Summarize(metric.Name);
        return
        [
            Number(summary.Mean),
            Number(summary.Deviation),
            double.IsNaN(summary.Low) ? "" : $"{Number(summary.Low)} to {Number(summary.High)}",
        ];
    }

    /// <summary>Comma-separated values.</summary>
    public string ToCsv() =>
        string.Concat(Rows.Prepend(Header).Select(row => string.Join(',', row.Select(Csv.Quoted)) + "\n"));

    /// <summary>A table of Markdown.</summary>
    public string ToMarkdown()
    {
        static string Row(IEnumerable<string> cells) =>
            $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|")))} |\n";
        return Row(Header) + Row(Header.Select(_ => "---")) + string.Concat(Rows.Select(Row));
    }

    /// <summary>A tabular of LaTeX with the rules of booktabs.</summary>
    public string ToLatex()
    {
        static string Row(IEnumerable<string> cells) => string.Join(" & ", cells.Select(Escaped)) + " \\\\\n";
        return $"\\begin{{tabular}}{{rl{new string('r', Header.Count - 2)}}}\n\\toprule\n{Row(Header)}\\midrule\n"
            + string.Concat(Rows.Select(Row))
            + "\\bottomrule\n\\end{tabular}\n";
    }

    static string Escaped(string cell) =>
        string.Concat(
            cell.Select(letter =>
                letter switch
                {
                    '\\' => "\\textbackslash{}",
                    '~' => "\\textasciitilde{}",
                    '^' => "\\textasciicircum{}",
                    '&' or '%' or '$' or '#' or '_' or '{' or '}' => $"\\{letter}",
                    _ => letter.ToString(),
                }
            )
        );

    static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("G4", CultureInfo.InvariantCulture);
}
