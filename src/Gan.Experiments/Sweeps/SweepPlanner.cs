namespace Gan.Experiments;

/// <summary>What a sweep does next. Closed: <see cref="Match{T}"/> takes one function per case.</summary>
public abstract record SweepStep
{
    private SweepStep() { }

    /// <summary>One function per case.</summary>
    public T Match<T>(Func<Decide, T> decide, Func<Run, T> run, Func<Wait, T> wait, Func<Finish, T> finish) =>
        this switch
        {
            Decide own => decide(own),
            Run own => run(own),
            Wait own => wait(own),
            _ => finish((Finish)this),
        };

    /// <summary>Write an event down.</summary>
    public sealed record Decide(SweepEvent Event) : SweepStep;

    /// <summary>Run a trial, from its start or its last checkpoint.</summary>
    public sealed record Run(TrialStanding Trial) : SweepStep;

    /// <summary>Wait for what runs: the next decision needs its result.</summary>
    public sealed record Wait : SweepStep;

    /// <summary>All is done; trials that still wait at a rung are stopped there.</summary>
    public sealed record Finish : SweepStep;
}

/// <summary>
/// Decides what a sweep does next, from what has happened and from nothing else: asked again with the same history, it
/// decides the same.
/// </summary>
public sealed class SweepPlanner(SweepSpec spec, string sweepId)
{
    const double NarrowFraction = 0.1;
    const int NarrowLeast = 3;

    readonly IReadOnlyList<IReadOnlyDictionary<string, string>> arms = [.. GridSampler.All(spec.Each)];

    /// <summary>The next step.</summary>
    /// <param name="history">What has happened.</param>
    /// <param name="running">The indices of the trials that are being run.</param>
    /// <param name="overtime">True when no new trial is to begin.</param>
    public SweepStep Next(SweepHistory history, IReadOnlySet<int> running, bool overtime)
    {
        if (!overtime && Promotion(history, last: false) is { } promotion)
            return promotion;
        if (
            history.Trials.FirstOrDefault(standing =>
                standing.State == TrialState.Open && !running.Contains(standing.Trial.Index)
            ) is
            { } open
        )
            return new SweepStep.Run(open);
        if (!overtime && New(history) is { } trial)
            return new SweepStep.Decide(new SweepEvent.Created(trial));
        if (running.Count > 0)
            return new SweepStep.Wait();
        return !overtime && Promotion(history, last: true) is { } last ? last : new SweepStep.Finish();
    }

    /// <summary>The step at which a trial pauses on its way to a rung; none beyond the last rung.</summary>
    public long StepsTo(int rung)
    {
        if (spec.EarlyTermination is not { } early)
            return long.MaxValue;
        var steps = early.MinSteps * Math.Pow(early.Eta, rung);
        return steps < spec.Base.Steps ? (long)steps : long.MaxValue;
    }

    /// <summary>The rung that a new trial is on its way to: the arms take turns, and in each the brackets.</summary>
    public int FirstRung(SweepTrial trial) =>
        spec.EarlyTermination is { } early ? trial.Configuration / arms.Count % early.Brackets : 0;

    // From the highest rung down: one of the best 1/eta of all of its arm that came there, which has not gone on yet.
    // Too few runs to fill a rung leave none that goes to the end; at last the best of such an arm does.
    SweepStep? Promotion(SweepHistory history, bool last)
    {
        if (spec.EarlyTermination is not { } early)
            return null;
        var over = history
            .Trials.Where(standing => last && standing.State == TrialState.Finished)
            .Select(standing => standing.Trial.Arm)
            .ToHashSet();
        var divisor = last ? 1 : early.Eta;
        for (var rung = history.Trials.Select(standing => standing.Rung).DefaultIfEmpty(0).Max(); rung >= 0; rung--)
            foreach (var arm in At(history, rung).GroupBy(one => one.Trial.Arm).ExceptBy(over, arm => arm.Key))
                if (arm.Take(arm.Count() / divisor).FirstOrDefault(standing => WaitsAt(standing, rung)) is { } best)
                    return new SweepStep.Decide(new SweepEvent.Promoted(best.Trial.Index, rung + 1));
        return null;
    }

    // All that came to a rung, the best first.
    IOrderedEnumerable<TrialStanding> At(SweepHistory history, int rung) =>
        history
            .Trials.Where(standing => ValueAt(standing, rung) is not null)
            .OrderByDescending(standing => spec.Metric.Score(ValueAt(standing, rung)!.Value))
            .ThenBy(standing => standing.Trial.Index);

    static bool WaitsAt(TrialStanding standing, int rung) =>
        standing.State == TrialState.Paused && standing.Rung == rung;

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
        // What is drawn before others have ended learns nothing from them, however many workers there are.
        if (spec.Method == SweepMethod.Tpe && TooManyOpen(history))
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

    bool TooManyOpen(SweepHistory history)
    {
        var open = history.Trials.Where(standing => standing.State == TrialState.Open);
        return history.Trials.Count % spec.Seeds.Count == 0
            && open.Select(standing => standing.Trial.Configuration).Distinct().Count() >= TpeSampler.Startup;
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
            if (number < (phase.Count ?? int.MaxValue) && Values(history, phase, arm, number) is { } values)
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
            _ => Samplers.Of(spec.Method, parameters, phase.Count, spec.Seed).Next(number, Tried(history, arm)),
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

    // Configurations whose runs all came to a result, with the mean of their scores. With early termination a score is a
    // place: who came further was better before that, and of those that came as far the value there counts.
    IReadOnlyList<Tried> Tried(SweepHistory history, int arm, string? phase = null)
    {
        var configurations = history
            .Trials.Where(standing =>
                standing.Trial.Arm == arm
                && standing.State != TrialState.Refused
                && standing.Trial.Phase == (phase ?? standing.Trial.Phase)
            )
            .GroupBy(standing => standing.Trial.Configuration)
            .Select(group => group.ToArray())
            .Where(group => group.All(standing => standing.HasEnded || standing.Values.Count > 0))
            .Select(group => (group[0].Trial.Values, Rungs: group.Min(Rungs), Score: group.Average(Score)));
        return spec.EarlyTermination is null
            ? [.. configurations.Select(one => new Tried(one.Values, one.Score))]
            :
            [
                .. configurations
                    .OrderBy(one => one.Rungs)
                    .ThenBy(one => one.Score)
                    .Select((one, place) => new Tried(one.Values, place)),
            ];
    }

    int Rungs(TrialStanding standing) => standing.IsLost ? 0 : FirstRung(standing.Trial) + standing.Values.Count;

    double Score(TrialStanding standing) =>
        standing.IsLost ? double.NegativeInfinity : spec.Metric.Score(standing.Value);

    // Ranges from the least to the most that the best tenth had, and choices that it had.
    static IReadOnlyList<SweepParameter> Narrowed(IReadOnlyList<SweepParameter> parameters, IReadOnlyList<Tried> tried)
    {
        var best = tried
            .OrderByDescending(one => one.Score)
            .Take(Math.Max(NarrowLeast, (int)Math.Ceiling(NarrowFraction * tried.Count)))
            .ToArray();
        return
        [
            .. from parameter in parameters
            let values = best.Where(one => one.Values.ContainsKey(parameter.Name))
                .Select(one => one.Values[parameter.Name])
                .ToArray()
            select values.Length > 0 ? parameter.Narrowed(values) : parameter,
        ];
    }

    // Its count is of the configurations of every arm; null for as many as the method makes.
    sealed record Phase(string Name, int? Count, IReadOnlyList<long> Seeds);

    IReadOnlyList<Phase> Phases()
    {
        if (spec.Phases is not { } phases)
        {
            // So many configurations of every arm that they are at least the cap's runs.
            var perRound = spec.Seeds.Count * arms.Count;
            return [new Phase("search", (spec.RunCap + perRound - 1) / perRound, spec.Seeds)];
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
}
