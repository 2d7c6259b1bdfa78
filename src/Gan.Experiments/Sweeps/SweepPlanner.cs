namespace Gan.Experiments;

/// <summary>What a sweep does next. Closed: a match over its cases is complete.</summary>
public abstract record SweepStep
{
    private SweepStep() { }

    /// <summary>Make a trial.</summary>
    public sealed record Create(SweepTrial Trial) : SweepStep;

    /// <summary>Run a trial, from its start or its last checkpoint.</summary>
    public sealed record Run(TrialStanding Trial) : SweepStep;

    /// <summary>Let a trial go on to the next rung.</summary>
    public sealed record Promote(int Index, int Rung) : SweepStep;

    /// <summary>Wait for what runs: the next decision needs its result.</summary>
    public sealed record Wait : SweepStep;

    /// <summary>All is done; trials that still wait at a rung are stopped there.</summary>
    public sealed record End : SweepStep;
}

/// <summary>
/// Decides what a sweep does next, from what has happened and from nothing else: asked again with the same history, it
/// decides the same.
/// </summary>
public sealed class SweepPlanner(SweepSpec spec, string sweepId)
{
    const double NarrowShare = 0.1;
    const int NarrowLeast = 3;

    readonly IReadOnlyList<IReadOnlyDictionary<string, string>> arms = Arms(spec);

    /// <summary>The next step.</summary>
    /// <param name="history">What has happened.</param>
    /// <param name="running">The indices of the trials that are being run.</param>
    /// <param name="overtime">True when no new trial is to begin.</param>
    public SweepStep Next(SweepHistory history, IReadOnlySet<int> running, bool overtime)
    {
        if (!overtime && Promotion(history) is { } promotion)
            return promotion;
        if (
            history.Trials.FirstOrDefault(standing =>
                standing.State == TrialState.Open && !running.Contains(standing.Trial.Index)
            ) is
            { } open
        )
            return new SweepStep.Run(open);
        if (!overtime && New(history) is { } trial)
            return new SweepStep.Create(trial);
        return running.Count > 0 ? new SweepStep.Wait() : new SweepStep.End();
    }

    /// <summary>The step at which a trial pauses on its way to a rung; the last step of all beyond the last rung.</summary>
    public long StepsTo(int rung)
    {
        if (spec.EarlyTermination is not { } early)
            return spec.Base.Steps;
        var steps = early.MinSteps * Math.Pow(early.Eta, rung);
        return steps < spec.Base.Steps ? (long)steps : spec.Base.Steps;
    }

    /// <summary>The rung that a new trial is on its way to.</summary>
    public int FirstRung(SweepTrial trial) =>
        spec.EarlyTermination is { } early ? trial.Configuration % early.Brackets : 0;

    // From the highest rung down: one of the best 1/eta of all that came there, which has not gone on yet.
    SweepStep.Promote? Promotion(SweepHistory history)
    {
        if (spec.EarlyTermination is not { } early)
            return null;
        var highest = history.Trials.Select(standing => standing.Rung).DefaultIfEmpty(0).Max();
        for (var rung = highest; rung >= 0; rung--)
        {
            var came = history
                .Trials.Where(standing => ValueAt(standing, rung) is not null)
                .OrderByDescending(standing => spec.Metric.Score(ValueAt(standing, rung)!.Value))
                .ThenBy(standing => standing.Trial.Index)
                .ToArray();
            var best = came.Take(came.Length / early.Eta)
                .FirstOrDefault(standing => standing.State == TrialState.Paused && standing.Rung == rung);
            if (best is not null)
                return new SweepStep.Promote(best.Trial.Index, rung + 1);
        }
        return null;
    }

    // The values are of the rungs from the trial's first on, and of its end.
    double? ValueAt(TrialStanding standing, int rung)
    {
        var place = rung - FirstRung(standing.Trial);
        return place >= 0 && place < standing.Values.Count && StepsTo(rung) < spec.Base.Steps
            ? standing.Values[place]
            : null;
    }

    SweepTrial? New(SweepHistory history)
    {
        if (history.Trials.Count >= spec.RunCap)
            return null;
        foreach (var phase in Phases())
        {
            if (New(history, phase) is { } trial)
                return trial;
            // What the next phase does depends on all of this one.
            if (history.Trials.Any(standing => !standing.HasEnded))
                return null;
        }
        return null;
    }

    SweepTrial? New(SweepHistory history, Phase phase)
    {
        SweepTrial[] made =
        [
            .. history.Trials.Select(standing => standing.Trial).Where(trial => trial.Phase == phase.Name),
        ];
        var sameSeeds = made.Length % Math.Max(1, phase.Seeds.Count);
        if (sameSeeds > 0)
            return Make(made[^1].Configuration, made[^1].Arm, made[^1].Values);
        // The arms take turns; one that has nothing more is left out.
        var counts = made.GroupBy(trial => trial.Arm)
            .ToDictionary(group => group.Key, group => group.Select(trial => trial.Configuration).Distinct().Count());
        foreach (var arm in Enumerable.Range(0, arms.Count).OrderBy(arm => counts.GetValueOrDefault(arm)))
        {
            var number = counts.GetValueOrDefault(arm);
            if (number < phase.ConfigurationsPerArm && Values(history, phase, arm, number) is { } values)
                return Make(
                    history.Trials.Select(standing => standing.Trial.Configuration).DefaultIfEmpty(-1).Max() + 1,
                    arm,
                    values
                );
        }
        return null;

        SweepTrial Make(int configuration, int arm, IReadOnlyDictionary<string, string> values) =>
            new(
                history.Trials.Count,
                configuration,
                arm,
                phase.Name,
                values,
                phase.Seeds[sameSeeds],
                SweepTrial.IdOf(sweepId, history.Trials.Count)
            );
    }

    IReadOnlyDictionary<string, string>? Values(SweepHistory history, Phase phase, int arm, int number)
    {
        var parameters = Parameters(arm);
        var found = phase.Name switch
        {
            "best" => Tried(history, arm).MaxBy(one => one.Score)?.Values,
            "narrow" => new RandomSampler(Narrowed(parameters, Tried(history, arm, "wide")), spec.Seed + 1).Next(
                number,
                []
            ),
            _ => Samplers.Of(spec.Method, parameters, phase.Known, spec.Seed).Next(number, Tried(history, arm)),
        };
        return found is null
            ? null
            : new Dictionary<string, string>(arms[arm].Concat(found.Where(pair => !arms[arm].ContainsKey(pair.Key))));
    }

    // What an arm leaves open; conditions on what it sets are decided.
    IReadOnlyList<SweepParameter> Parameters(int arm) =>
        [
            .. from parameter in spec.Parameters
            let decided = parameter.Condition is { } condition && arms[arm].ContainsKey(condition.Parameter)
            where !decided || Samplers.IsActive(parameter, arms[arm])
            select decided ? parameter with { Condition = null } : parameter,
        ];

    // Configurations that ended from all their seeds, with the mean of their scores.
    List<Tried> Tried(SweepHistory history, int arm, string? phase = null) =>
        [
            .. history
                .Trials.Where(standing =>
                    standing.Trial.Arm == arm
                    && standing.State != TrialState.Refused
                    && standing.Trial.Phase == (phase ?? standing.Trial.Phase)
                )
                .GroupBy(standing => standing.Trial.Configuration)
                .Where(group => group.All(standing => standing.HasEnded))
                .Select(group => new Tried(
                    group.First().Trial.Values,
                    group.Average(standing =>
                        standing.State is TrialState.Finished or TrialState.Stopped
                            ? spec.Metric.Score(standing.Value)
                            : double.NegativeInfinity
                    )
                )),
        ];

    // Ranges from the least to the most that the best tenth had, and choices that it had.
    static IReadOnlyList<SweepParameter> Narrowed(IReadOnlyList<SweepParameter> parameters, IReadOnlyList<Tried> tried)
    {
        var best = tried
            .OrderByDescending(one => one.Score)
            .Take(Math.Max(NarrowLeast, (int)Math.Ceiling(NarrowShare * tried.Count)))
            .ToArray();
        return [.. parameters.Select(parameter => Narrowed(parameter, best))];
    }

    static SweepParameter Narrowed(SweepParameter parameter, IReadOnlyList<Tried> best)
    {
        string[] values =
        [
            .. best.Where(one => one.Values.ContainsKey(parameter.Name)).Select(one => one.Values[parameter.Name]),
        ];
        if (values.Length == 0)
            return parameter;
        if (parameter is SweepParameter.Choice choice)
            return choice with { Values = [.. choice.Values.Where(values.Contains)] };
        var range = (SweepParameter.Range)parameter;
        double[] numbers =
        [
            .. values.Select(value => double.Parse(value, System.Globalization.CultureInfo.InvariantCulture)),
        ];
        return numbers.Min() < numbers.Max()
            ? range with
            {
                Least = Math.Max(range.Least, numbers.Min()),
                Most = Math.Min(range.Most, numbers.Max()),
            }
            : new SweepParameter.Choice(range.Name, range.Condition, [values[0]]);
    }

    sealed record Phase(string Name, int ConfigurationsPerArm, IReadOnlyList<long> Seeds)
    {
        public int? Known => ConfigurationsPerArm == int.MaxValue ? null : ConfigurationsPerArm;
    }

    IReadOnlyList<Phase> Phases()
    {
        if (spec.Phases is not { } phases)
        {
            // So many configurations of every arm that they are at least the cap's runs.
            var perRound = spec.Seeds.Count * arms.Count;
            var rounds = spec.RunCap is { } cap ? (cap + perRound - 1) / perRound : int.MaxValue;
            return [new Phase("search", rounds, spec.Seeds)];
        }
        // The best configuration was chosen by luck, too; from seeds that nobody has seen it shows what it is worth.
        var fresh = Enumerable.Range(1, phases.Best).Select(i => spec.Seeds.Max() + i).ToArray();
        return
        [
            new Phase("wide", phases.Wide, [spec.Seeds[0]]),
            new Phase("narrow", phases.Narrow, [spec.Seeds[0]]),
            new Phase("best", Math.Min(1, phases.Best), fresh),
        ];
    }

    static IReadOnlyList<IReadOnlyDictionary<string, string>> Arms(SweepSpec spec)
    {
        var grid = new GridSampler(spec.Each);
        var arms = new List<IReadOnlyDictionary<string, string>>();
        while (grid.Next(arms.Count, []) is { } arm)
            arms.Add(arm);
        return arms;
    }
}
