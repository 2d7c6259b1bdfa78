namespace Gan.Experiments;

/// <summary>How a sweep finds configurations.</summary>
public enum SweepMethod
{
    /// <summary>Every combination of the values.</summary>
    Grid,

    /// <summary>Each parameter drawn by itself (Bergstra and Bengio 2012).</summary>
    Random,

    /// <summary>Drawn so that each parameter's range is covered evenly (McKay et al. 1979).</summary>
    LatinHypercube,

    /// <summary>Drawn where good results are dense against all (Bergstra et al. 2011).</summary>
    Tpe,
}

/// <summary>What a sweep is to make large or small: the latest value of a metric.</summary>
public sealed record SweepMetric(string Name, bool Maximize)
{
    /// <summary>The value's rank: the greater the better, and NaN worst of all.</summary>
    internal double Score(double value) =>
        double.IsNaN(value) ? double.NegativeInfinity
        : Maximize ? value
        : -value;
}

/// <summary>
/// Early stopping by successive halving (Li et al. 2020): of the runs that have made
/// <c>min_iter * eta^k</c> steps, the best 1/eta go on. With several brackets, run i is first looked at after
/// <c>min_iter * eta^(i mod brackets)</c> steps, as in Hyperband (Li et al. 2018).
/// </summary>
public sealed record EarlyTermination(long MinSteps, int Eta, int Brackets);

/// <summary>
/// The protocol of Lucic et al. (2018): a wide random search, a narrow one where its best runs were, and the best
/// configuration again from other seeds.
/// </summary>
public sealed record SweepPhases(int Wide, int Narrow, int Best);

/// <summary>A sweep, all of it, as its file says.</summary>
public sealed record SweepSpec
{
    const int MostRuns = 100_000;

    SweepSpec(JsonObject canonical) => Canonical = canonical;

    /// <summary>The sweep's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in Markdown.</summary>
    public required string Notes { get; init; }

    /// <summary>The file of the experiment that is varied.</summary>
    public required string BaseFile { get; init; }

    /// <summary>Values of it that are set for all runs, as <c>key=value</c>.</summary>
    public required IReadOnlyList<string> Fixed { get; init; }

    /// <summary>The experiment that is varied, with those values.</summary>
    public required ExperimentSpec Base { get; init; }

    /// <summary>How configurations are found.</summary>
    public required SweepMethod Method { get; init; }

    /// <summary>What is to be made large or small.</summary>
    public required SweepMetric Metric { get; init; }

    /// <summary>What is varied.</summary>
    public required IReadOnlyList<SweepParameter> Parameters { get; init; }

    /// <summary>The parameters of which every combination of values gets a search of its own.</summary>
    public required IReadOnlyList<SweepParameter.Choice> Each { get; init; }

    /// <summary>The seeds that every configuration is run from.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>At most so many runs; null for as many as the method makes.</summary>
    public required int? RunCap { get; init; }

    /// <summary>No run begins after so many minutes; null for any time.</summary>
    public required double? Minutes { get; init; }

    /// <summary>Early stopping; null for none.</summary>
    public required EarlyTermination? EarlyTermination { get; init; }

    /// <summary>The phases; null for one search.</summary>
    public required SweepPhases? Phases { get; init; }

    /// <summary>The seed of what is drawn.</summary>
    public required long Seed { get; init; }

    /// <summary>The sweep with every default, in the order of reading.</summary>
    public JsonObject Canonical { get; }

    /// <summary>SHA-256 of the sweep and of the experiment that it varies.</summary>
    public string Hash =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical.ToJsonString() + Base.SpecHash)));

    /// <summary>Reads a file, with values of the sweep set anew.</summary>
    /// <exception cref="SpecException">The sweep, or the experiment that it varies, cannot be used.</exception>
    public static SweepSpec Load(string file, IEnumerable<string> assignments)
    {
        var spec = SpecReader.Of(SpecDocument.Load(file).WithAssignments(assignments));
        var name = spec.Text("name", Path.GetFileNameWithoutExtension(file));
        var notes = spec.Text("notes", "");
        var baseFile = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, spec.Text("spec"));
        var set = spec.Section("set", section => section.Keys.Select(key => $"{key}={section.Yaml(key)}").ToArray());
        var method = ReadMethod(spec);
        var metric = spec.Section(
            "metric",
            section => new SweepMetric(
                section.Text("name"),
                section.Text("goal", "minimize") switch
                {
                    "maximize" => true,
                    "minimize" => false,
                    var other => throw section.Wrong("goal", $"must be minimize or maximize; got '{other}'."),
                }
            )
        );
        var parameters = spec.Section(
            "parameters",
            section =>
                section
                    .Keys.Select(key => section.Section(key, level => new SweepParameterReader(key, level).Read()))
                    .ToArray()
        );
        var each = spec.Items("each") ?? [];
        var phases = spec.Has("phases")
            ? spec.Section(
                "phases",
                section => new SweepPhases(
                    section.Integer("wide", most: MostRuns),
                    section.Integer("narrow", 0, least: 0, most: MostRuns),
                    section.Integer("best", 0, least: 0, most: MostRuns)
                )
            )
            : null;
        var sweep = new SweepSpec(spec.Canonical)
        {
            Name = name,
            Notes = notes,
            BaseFile = baseFile,
            Fixed = set,
            Base = ExperimentSpec.Load(baseFile, set),
            Method = method,
            Metric = metric,
            Parameters = [.. parameters.Where(parameter => !each.Contains(parameter.Name))],
            Each =
            [
                .. each.Select(key =>
                    parameters.OfType<SweepParameter.Choice>().FirstOrDefault(choice => choice.Name == key)
                    ?? throw spec.Wrong("each", $"'{key}' is not among the parameters that have values.")
                ),
            ],
            Seeds = ReadSeeds(spec),
            RunCap = spec.Has("run_cap") ? spec.Integer("run_cap", most: MostRuns) : null,
            Minutes = spec.Has("minutes") ? spec.Number("minutes") : null,
            EarlyTermination = spec.Has("early_terminate") ? spec.Section("early_terminate", ReadTermination) : null,
            Phases = phases,
            Seed = spec.Long("seed", 1),
        };
        spec.Close();
        new SweepCheck(sweep, spec).Run();
        return sweep;
    }

    static SweepMethod ReadMethod(SpecReader spec) =>
        spec.Text("method", "random") switch
        {
            "grid" => SweepMethod.Grid,
            "random" => SweepMethod.Random,
            "latin_hypercube" => SweepMethod.LatinHypercube,
            "tpe" or "bayes" => SweepMethod.Tpe,
            var other => throw spec.NoSuch("method", other, ["grid", "random", "latin_hypercube", "tpe"]),
        };

    static IReadOnlyList<long> ReadSeeds(SpecReader spec)
    {
        var numbers = (spec.Items("seeds") ?? ["1"])
            .Select(item =>
                long.TryParse(item, out var seed)
                    ? seed
                    : throw spec.Wrong("seeds", $"must be a number of seeds, or a list of them; got '{item}'.")
            )
            .ToArray();
        if (numbers.Length == 0)
            throw spec.Wrong("seeds", "must be a number of seeds, or a list of at least one.");
        if (spec.IsList("seeds") || numbers is not [var count])
            return numbers.Distinct().Count() == numbers.Length
                ? numbers
                : throw spec.Wrong("seeds", "has a seed twice.");
        return count is > 0 and <= 1000
            ? [.. Enumerable.Range(1, (int)count).Select(seed => (long)seed)]
            : throw spec.Wrong("seeds", $"must be from 1 to 1000; got {count}.");
    }

    static EarlyTermination ReadTermination(SpecReader section)
    {
        var kind = section.Text("type", "asha");
        if (kind is not ("asha" or "hyperband"))
            throw section.NoSuch("type", kind, ["asha", "hyperband"]);
        var eta = section.Integer("eta", 3, least: 2);
        var brackets = kind == "hyperband" ? section.Integer("s", 3, most: 30) : 1;
        var least = section.Has("max_iter")
            ? Math.Max(1, (long)(section.Integer("max_iter") / Math.Pow(eta, brackets)))
            : section.Integer("min_iter");
        return new EarlyTermination(least, eta, brackets);
    }
}
