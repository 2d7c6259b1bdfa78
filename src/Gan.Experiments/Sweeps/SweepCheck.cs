namespace Gan.Experiments;

/// <summary>Refuses, before anything runs, a sweep whose parts do not fit together.</summary>
internal sealed class SweepCheck(SweepSpec sweep, SpecReader spec)
{
    // What a sweep gives each of its runs itself, or its runs share.
    static readonly Dictionary<string, string> Own = new()
    {
        ["seed"] = "is set for each run; say seeds: 3, or seeds: [1, 2, 3]",
        ["name"] = "is set for each run, from the sweep's name and the run's number",
        ["experiment"] = "is one for all runs of a sweep; set it under 'set'",
        ["tracking"] = "is one for all runs of a sweep; set it under 'set'",
    };

    // In the order in which their values are set.
    readonly IReadOnlyList<SweepParameter> parameters = [.. sweep.Each, .. sweep.Parameters];

    /// <summary>Looks at all of it.</summary>
    /// <exception cref="SpecException">Parts do not fit together.</exception>
    public void Run()
    {
        CheckKeys();
        CheckConditions();
        CheckMethod();
        if (sweep.EarlyTermination is { } early)
            CheckTermination(early);
        if (sweep.Minutes is <= 0)
            throw spec.Wrong("minutes", "must be above 0.");
        if (parameters.Count == 0 && sweep.Seeds.Count == 1)
            throw spec.Wrong("parameters", "is empty, and there is one seed: nothing varies.");
        CheckMetric();
        // Every value by itself is tried now, not in an hour.
        foreach (var parameter in parameters)
        foreach (
            var value in parameter switch
            {
                SweepParameter.Choice choice => choice.Values,
                // What is far out and cannot be used is refused when it is drawn, which hardly happens.
                SweepParameter.Bell => [parameter.Value(0.5)],
                _ => [parameter.Value(0), parameter.Value(0.37), parameter.Value(1 - 1e-9)],
            }
        )
            TryValue(parameter, value);
    }

    void CheckKeys()
    {
        string[] set = [.. sweep.Fixed.Select(assignment => assignment[..assignment.IndexOf('=')])];
        foreach (var key in (string[])["seed", "name"])
            if (set.Contains(key))
                throw spec.Wrong("set", $"{key} {Own[key]}.");
        foreach (var parameter in parameters)
            if (Own.TryGetValue(parameter.Name.Split('.')[0], out var reason))
                throw spec.Wrong("parameters", $"{parameter.Name} {reason}.");
        // A value that a later one takes the place of would be written down and have no effect.
        string[] order = [.. set, .. parameters.Select(parameter => parameter.Name)];
        for (var i = 0; i < order.Length; i++)
            if (order.Skip(i + 1).FirstOrDefault(later => $"{order[i]}.".StartsWith($"{later}.")) is { } over)
                throw spec.Wrong(
                    "parameters",
                    over == order[i]
                        ? $"{over} is under 'set', too; set it in one place."
                        : $"{over} takes the place of {order[i]}, which is set before it; let {over} stand first, or make it part of {over}'s values."
                );
    }

    void CheckConditions()
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].Condition is not { } condition)
                continue;
            var name = parameters[i].Name;
            switch (parameters.Take(i).FirstOrDefault(other => other.Name == condition.Parameter))
            {
                case null:
                    throw spec.Wrong(
                        "parameters",
                        $"{name} depends on '{condition.Parameter}', which is to stand before it among the parameters."
                    );
                case SweepParameter.Choice choice
                    when condition.Values.FirstOrDefault(value => !choice.Values.Contains(value)) is { } never:
                    throw spec.Wrong(
                        "parameters",
                        $"{name} waits for {choice.Name} to be {never}, which it never is; {NearestName.Hint(never, [.. choice.Values])}"
                    );
                case SweepParameter.Choice:
                    break;
                default:
                    throw spec.Wrong(
                        "parameters",
                        $"{name} depends on {condition.Parameter}, which is a range; list the values of {condition.Parameter}."
                    );
            }
        }
    }

    void CheckMethod()
    {
        if (
            sweep.Method == SweepMethod.Grid
            && sweep.Parameters.FirstOrDefault(parameter => parameter is not SweepParameter.Choice) is { } range
        )
            throw spec.Wrong(
                "method",
                $"a grid is made of values; {range.Name} is a range. Take random, or list its values."
            );
        var all = sweep.Each.Concat(sweep.Method == SweepMethod.Grid ? sweep.Parameters : []);
        if (
            all.OfType<SweepParameter.Choice>().FirstOrDefault(choice => choice.Shares.Distinct().Count() > 1) is
            { } uneven
        )
            throw spec.Wrong("parameters", $"every value of {uneven.Name} is taken; leave its probabilities away.");
        if (sweep.Method != SweepMethod.Grid && sweep.RunCap is null && sweep.Phases is null && sweep.Minutes is null)
            throw spec.Wrong("method", $"{sweep.Canonical["method"]} draws without end; say run_cap or minutes.");
        if (sweep.Method == SweepMethod.LatinHypercube && sweep.RunCap is null)
            throw spec.Wrong("method", "a Latin hypercube needs run_cap, the number of its runs.");
        if (sweep.Phases is not null && sweep.Method != SweepMethod.Random)
            throw spec.Wrong("phases", "are of a random search; leave method away.");
        if (sweep.Phases is not null && sweep.Seeds.Count > 1)
            throw spec.Wrong(
                "seeds",
                "are the phases' own: wide and narrow are run from one seed, and best says from how many others; seeds: [5] names the first."
            );
        if (sweep.Phases is not null && sweep.EarlyTermination is not null)
            throw spec.Wrong("early_terminate", "does not go with phases, which wait for every run's end.");
    }

    void CheckTermination(EarlyTermination early)
    {
        if (early.MinSteps >= sweep.Base.Steps)
            throw spec.Wrong(
                "early_terminate",
                $"min_iter must be below the {sweep.Base.Steps} steps of a run; got {early.MinSteps}."
            );
        if (parameters.Any(parameter => parameter.Name == "steps"))
            throw spec.Wrong("early_terminate", "compares runs after as many steps; steps is no parameter beside it.");
        var (key, first) = IsEvaluated
            ? ("evaluation.every", sweep.Base.Evaluation.Every)
            : ("log_every", sweep.Base.LogEvery);
        if (early.MinSteps < first)
            throw spec.Wrong(
                "early_terminate",
                $"min_iter is {early.MinSteps}, but {sweep.Metric.Name} is measured first at step {first}; set {key} lower, or min_iter higher."
            );
    }

    bool IsEvaluated => sweep.Metric.Name.StartsWith("evaluation/", StringComparison.Ordinal);

    void CheckMetric()
    {
        if (!IsEvaluated)
            return;
        string[] measured =
        [
            .. sweep.Base.Evaluation.Metrics.SelectMany(metric => metric.Names).Select(name => $"evaluation/{name}"),
        ];
        if (!measured.Contains(sweep.Metric.Name))
            throw spec.Wrong(
                "metric",
                $"no evaluation measures '{sweep.Metric.Name}'; {NearestName.Hint(sweep.Metric.Name, [.. measured, "critic/loss", "generator/loss"])}"
            );
        if (sweep.Base.Evaluation.Every == 0)
            throw spec.Wrong(
                "metric",
                $"{sweep.Metric.Name} is never measured: evaluation.every is 0 in '{Path.GetFileName(sweep.BaseFile)}'."
            );
    }

    void TryValue(SweepParameter parameter, string value)
    {
        try
        {
            ExperimentSpec.Load(sweep.BaseFile, [.. sweep.Fixed, .. Needed(parameter), $"{parameter.Name}={value}"]);
        }
        catch (SpecException wrong) when (wrong.Reason is null)
        {
            throw spec.Wrong(
                "parameters",
                $"{parameter.Name}: {value} makes a spec that cannot be used. {wrong.Message}"
            );
        }
        catch (SpecException)
        {
            // It makes no sense beside the base's other values; beside others of the sweep it may.
        }
    }

    // What others are where the parameter is there.
    IEnumerable<string> Needed(SweepParameter parameter) =>
        parameter.Condition is { } condition
            ?
            [
                .. Needed(parameters.First(other => other.Name == condition.Parameter)),
                $"{condition.Parameter}={condition.Values[0]}",
            ]
            : [];
}
