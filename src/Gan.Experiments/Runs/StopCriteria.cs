namespace Gan.Experiments;

/// <summary>When a run ends before its last step: a metric reached a bound, or stopped improving.</summary>
/// <param name="Metric">The metric, as it is logged: <c>evaluation/modes</c>.</param>
/// <param name="Maximize">Whether a larger value is better.</param>
/// <param name="Bound">The value at which the run ends: at least it where larger is better, at most it otherwise; null for none.</param>
/// <param name="Patience">The run ends after so many values in a row without an improvement; 0 for never.</param>
/// <param name="MinimumSteps">The run does not end before so many steps.</param>
public sealed record StopCriterion(string Metric, bool Maximize, double? Bound, int Patience, long MinimumSteps)
{
    /// <summary>Reads a criterion from a spec.</summary>
    internal static StopCriterion Read(SpecReader spec)
    {
        var metric = spec.Text("metric");
        var (most, least) = (spec.NumberOrNull("at_most"), spec.NumberOrNull("at_least"));
        var patience = spec.Integer("patience", 0, least: 0);
        var minimum = spec.Integer("min_steps", 0, least: 0);
        if (most is not null && least is not null)
            throw spec.Wrong("at_most", "a criterion has at_least or at_most, not both.");
        var bound = most ?? least;
        if (bound is null && patience == 0)
            throw spec.Wrong("metric", "needs at_least or at_most, a bound, or patience, a number of evaluations.");
        var implied =
            most is not null ? "minimize"
            : least is not null ? "maximize"
            : null;
        var goal = spec.Name("goal", implied ?? "minimize", ["minimize", "maximize"]);
        return implied is not null && goal != implied
            ? throw spec.Wrong("goal", $"is '{goal}', but the bound says '{implied}'.")
            : new StopCriterion(metric, goal == "maximize", bound, patience, minimum);
    }

    /// <summary>Whether one value is better than another.</summary>
    internal bool IsBetter(double value, double than) => Maximize ? value > than : value < than;
}

/// <summary>Looks at a run's values as they are logged, and says when a criterion ends it.</summary>
internal sealed class StopWatch(IReadOnlyList<StopCriterion> criteria)
{
    readonly Dictionary<StopCriterion, (double Best, int Since)> seen = [];

    /// <summary>Why the run ends after these values; null where it goes on.</summary>
    public string? Look(long step, IReadOnlyDictionary<string, double> values) =>
        criteria.Select(criterion => Look(criterion, step, values)).FirstOrDefault(reason => reason is not null);

    string? Look(StopCriterion criterion, long step, IReadOnlyDictionary<string, double> values)
    {
        if (!values.TryGetValue(criterion.Metric, out var value) || double.IsNaN(value))
            return null;
        var known = seen.TryGetValue(criterion, out var before);
        var better = !known || criterion.IsBetter(value, before.Best);
        (double Best, int Since) now = better ? (value, 0) : (before.Best, before.Since + 1);
        seen[criterion] = now;
        if (step < criterion.MinimumSteps)
            return null;
        var shown = value.ToString("G6", CultureInfo.InvariantCulture);
        if (criterion.Bound is { } bound && (criterion.Maximize ? value >= bound : value <= bound))
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{criterion.Metric} is {shown}, {(criterion.Maximize ? "at least" : "at most")} {bound}"
            );
        return criterion.Patience > 0 && now.Since >= criterion.Patience
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{criterion.Metric} has not improved on {now.Best:G6} for {now.Since} evaluations"
            )
            : null;
    }
}
