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
        if (Misfit() is { } misfit)
            throw misfit;
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
        foreach (var (i, parameter) in parameters.Index())
        {
            if (parameter.Condition is not { } condition)
                continue;
            var wrong = parameters.Take(i).FirstOrDefault(other => other.Name == condition.Parameter) switch
            {
                null => $"depends on '{condition.Parameter}', which is to stand before it among the parameters.",
                SweepParameter.Choice one when condition.Values.Except(one.Values).FirstOrDefault() is { } never =>
                    $"waits for {one.Name} to be {never}, which it never is; {NearestName.Hint(never, one.Values)}",
                SweepParameter.Choice => null,
                _ => $"depends on {condition.Parameter}, which is a range; list the values of {condition.Parameter}.",
            };
            if (wrong is not null)
                throw spec.Wrong("parameters", $"{parameter.Name} {wrong}");
        }
    }

    // The first of what does not go together; null for nothing.
    SpecException? Misfit()
    {
        var range = sweep.Parameters.FirstOrDefault(parameter => parameter is not SweepParameter.Choice);
        var listed = sweep.Method == SweepMethod.Grid ? parameters : sweep.Each;
        var uneven = listed
            .OfType<SweepParameter.Choice>()
            .FirstOrDefault(choice => choice.Probabilities.Distinct().Count() > 1);
        var isEvaluated = sweep.Metric.Name.StartsWith("evaluation/", StringComparison.Ordinal);
        var (key, first) = isEvaluated
            ? ("evaluation.every", sweep.Base.Evaluation.Every)
            : ("log_every", sweep.Base.LogEvery);
        var measured = sweep
            .Base.Evaluation.Metrics.SelectMany(metric => metric.Names)
            .Select(name => $"evaluation/{name}");
        return sweep switch
        {
            { Method: SweepMethod.Grid } when range is not null => spec.Wrong(
                "method",
                $"a grid is made of values; {range.Name} is a range. Take random, or list its values."
            ),
            _ when uneven is not null => spec.Wrong(
                "parameters",
                $"every value of {uneven.Name} is taken; leave its probabilities away."
            ),
            { Method: not SweepMethod.Grid, RunCap: null, Phases: null, Minutes: null } => spec.Wrong(
                "method",
                $"{sweep.Canonical["method"]} draws without end; say run_cap or minutes."
            ),
            { Method: SweepMethod.LatinHypercube, RunCap: null } => spec.Wrong(
                "method",
                "a Latin hypercube needs run_cap, the number of its runs."
            ),
            { Phases: not null, Method: not SweepMethod.Random } => spec.Wrong(
                "phases",
                "are of a random search; leave method away."
            ),
            { Phases: not null, Seeds.Count: > 1 } => spec.Wrong(
                "seeds",
                "are the phases' own: wide and narrow are run from one seed, and best says from how many others; seeds: [5] names the first."
            ),
            { Phases: not null, EarlyTermination: not null } => spec.Wrong(
                "early_terminate",
                "does not go with phases, which wait for every run's end."
            ),
            { EarlyTermination: { } early } when early.MinSteps >= sweep.Base.Steps => spec.Wrong(
                "early_terminate",
                $"min_iter must be below the {sweep.Base.Steps} steps of a run; got {early.MinSteps}."
            ),
            { EarlyTermination: not null } when parameters.Any(parameter => parameter.Name == "steps") => spec.Wrong(
                "early_terminate",
                "compares runs after as many steps; steps is no parameter beside it."
            ),
            { EarlyTermination: { } early } when early.MinSteps < first => spec.Wrong(
                "early_terminate",
                $"min_iter is {early.MinSteps}, but {sweep.Metric.Name} is measured first at step {first}; set {key} lower, or min_iter higher."
            ),
            { Minutes: <= 0 } => spec.Wrong("minutes", "must be above 0."),
            { Seeds.Count: 1 } when parameters.Count == 0 => spec.Wrong(
                "parameters",
                "is empty, and there is one seed: nothing varies."
            ),
            _ when isEvaluated && !measured.Contains(sweep.Metric.Name) => spec.Wrong(
                "metric",
                $"no evaluation measures '{sweep.Metric.Name}'; {NearestName.Hint(sweep.Metric.Name, [.. measured, "discriminator/loss", "generator/loss"])}"
            ),
            _ when isEvaluated && sweep.Base.Evaluation.Every == 0 => spec.Wrong(
                "metric",
                $"{sweep.Metric.Name} is never measured: evaluation.every is 0 in '{Path.GetFileName(sweep.BaseFile)}'."
            ),
            _ => null,
        };
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
