namespace Gan.Experiments;

/// <summary>How often pictures are made, and of how many points.</summary>
public sealed record SamplesSpec(int Every, int Count);

/// <summary>How often quality is measured, on how many points, and by what.</summary>
public sealed record EvaluationSpec(int Every, int Points, IReadOnlyList<Metric> Metrics);

/// <summary>How often the state is saved, how many are kept, and the metric that says which is best; empty for none.</summary>
public sealed record CheckpointSpec(int Every, int Keep, string Best, bool Maximize)
{
    /// <summary>The metric, and what is wanted of it.</summary>
    internal string BestBy => $"{Best} {(Maximize ? "maximize" : "minimize")}";
}

/// <summary>
/// One experiment, all of it, as a spec file says: checked, with every default filled in.
/// </summary>
public sealed record ExperimentSpec
{
    // What cannot change a weight, and so may change on resume.
    static readonly string[] Inert =
    [
        "name",
        "experiment",
        "notes",
        "steps",
        "threads",
        "log_every",
        "samples",
        "evaluation",
        "checkpoints",
        "stop",
        "fingerprints",
        "tracking",
    ];

    ExperimentSpec(JsonObject canonical) => Canonical = canonical;

    /// <summary>What the spec may name.</summary>
    public required Catalogs Catalogs { get; init; }

    /// <summary>The files that added to the catalogs.</summary>
    public required IReadOnlyList<Extension> Extensions { get; init; }

    /// <summary>The run's name.</summary>
    public required string Name { get; init; }

    /// <summary>The MLflow experiment that the run belongs to.</summary>
    public required string Experiment { get; init; }

    /// <summary>What the run is for, in Markdown.</summary>
    public required string Notes { get; init; }

    /// <summary>The seed of every random number.</summary>
    public required long Seed { get; init; }

    /// <summary>The number of steps.</summary>
    public required long Steps { get; init; }

    /// <summary>The number of threads; 0 leaves it to the machine.</summary>
    public required int Threads { get; init; }

    /// <summary>Where it runs: a name that <see cref="Devices.Find"/> knows.</summary>
    public required string Device { get; init; }

    /// <summary>The data.</summary>
    public required DatasetSource Data { get; init; }

    /// <summary>The game.</summary>
    public required Game Game { get; init; }

    /// <summary>Points in a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>A step of so many is logged.</summary>
    public required int LogEvery { get; init; }

    /// <summary>The generators whose points are looked at, the most important one first.</summary>
    public required IReadOnlyList<SampledGenerator> Samples { get; init; }

    /// <summary>Pictures.</summary>
    public required SamplesSpec Pictures { get; init; }

    /// <summary>Quality.</summary>
    public required EvaluationSpec Evaluation { get; init; }

    /// <summary>Saved states.</summary>
    public required CheckpointSpec Checkpoints { get; init; }

    /// <summary>When the run ends before its last step.</summary>
    public required IReadOnlyList<StopCriterion> Stop { get; init; }

    /// <summary>A step of so many leaves the bits of its state; 0 for none.</summary>
    public required int FingerprintEvery { get; init; }

    /// <summary>Where the run is written down.</summary>
    public required TrackingSpec Tracking { get; init; }

    /// <summary>The spec with every default, in the order of reading. It is YAML too, and reads back as the same spec.</summary>
    public JsonObject Canonical { get; private init; }

    /// <summary>The same experiment on a stated number of threads.</summary>
    public ExperimentSpec WithThreads(int threads) => With("threads", threads.ToString()) with { Threads = threads };

    /// <summary>The same experiment on a device, which must be there.</summary>
    /// <exception cref="EngineException">The device is not there.</exception>
    public ExperimentSpec OnDevice()
    {
        var device = Devices.Find(Device);
        var name = device.ToString();
        return With("device", name) with { Device = name, Game = Game.WithDevice(device) };
    }

    /// <summary>The same experiment from another seed.</summary>
    public ExperimentSpec WithSeed(long seed) => With("seed", seed) with { Seed = seed };

    /// <summary>
    /// The same experiment on a game of one's own, which its canonical form does not know of: whoever resumes the run names
    /// the game again.
    /// </summary>
    /// <param name="game">The game.</param>
    /// <param name="samples">The generators whose points are looked at, the most important one first.</param>
    public ExperimentSpec WithGame(Game game, IReadOnlyList<SampledGenerator> samples) =>
        this with
        {
            Game = game,
            Samples = samples,
        };

    ExperimentSpec With(string key, JsonNode? value)
    {
        var canonical = Canonical.DeepClone().AsObject();
        canonical[key] = value;
        return this with { Canonical = canonical };
    }

    /// <summary>The paths of values that can change a weight and differ between two specs.</summary>
    public IReadOnlyList<string> DynamicsDifferences(ExperimentSpec other)
    {
        var (mine, theirs) = (Parameters, other.Parameters);
        return
        [
            .. mine
                .Keys.Union(theirs.Keys)
                .Where(path => !Inert.Contains(path.Split('.')[0]))
                .Where(path => mine.GetValueOrDefault(path) != theirs.GetValueOrDefault(path)),
        ];
    }

    /// <summary>SHA-256 of the canonical form.</summary>
    public string SpecHash => Hash(Canonical);

    /// <summary>SHA-256 of what can change a weight.</summary>
    public string DynamicsHash => Hash(Canonical.Where(pair => !Inert.Contains(pair.Key)));

    /// <summary>The name of what is measured of a generator's points: its own alone where there are several.</summary>
    public string NameOf(SampledGenerator sampled, string measure) =>
        Samples.Count == 1 ? measure : $"{sampled.Player}/{measure}";

    /// <summary>The generator whose points are looked at by a player's name; the first where none is named.</summary>
    /// <exception cref="UserException">There is none of the name.</exception>
    public SampledGenerator Sampled(string? player) =>
        player is null
            ? Samples[0]
            : Samples.FirstOrDefault(sampled => sampled.Player == player)
                ?? throw new UserException(
                    $"Unknown generator '{player}'. Generators: {string.Join(", ", Samples.Select(sampled => sampled.Player))}."
                );

    /// <summary>Every value of the spec by its path, as in <c>generator.optimizer.beta1</c>.</summary>
    public IReadOnlyDictionary<string, string> Parameters => Flatten("", Canonical).ToDictionary();

    /// <summary>Reads a file, with values set anew.</summary>
    /// <exception cref="SpecException">As <see cref="Read(SpecDocument)"/>, or the file is missing or no YAML.</exception>
    public static ExperimentSpec Load(string file, IEnumerable<string> assignments) =>
        Read(SpecDocument.Load(file).WithAssignments(assignments));

    /// <summary>Reads a document.</summary>
    /// <exception cref="SpecException">A key is unknown, a value is of the wrong type, or parts do not fit together.</exception>
    public static ExperimentSpec Read(SpecDocument document) => Read(document, Catalogs.BuiltIn);

    /// <summary>The same, where a spec may name what a program of one's own has added.</summary>
    public static ExperimentSpec Read(SpecDocument document, Catalogs catalogs)
    {
        var extensions = Experiments.Extensions.Read(SpecReader.Of(document), document.File);
        catalogs = Experiments.Extensions.Load(extensions, catalogs);
        var spec = SpecReader.Of(document, catalogs);
        spec.Texts("extensions");
        spec.Canonical["extensions"] = new JsonArray([
            .. extensions.Select(extension => JsonValue.Create(Experiments.Extensions.Kept(extension))),
        ]);
        var name = spec.Text("name", Path.GetFileNameWithoutExtension(document.File));
        var experiment = spec.Text(
            "experiment",
            Environment.GetEnvironmentVariable("MLFLOW_EXPERIMENT_NAME") is { Length: > 0 } named ? named : "gan"
        );
        var notes = spec.Text("notes", "");
        var seed = spec.Long("seed", 1);
        var steps = spec.Integer("steps", least: 0);
        var threads = ReadThreads(spec);
        var device = spec.Text("device", "auto");
        if (!Devices.IsName(device))
            throw spec.Wrong("device", $"must be {Devices.Names}; got '{device}'.");
        var dtype = spec.Text("dtype", "float32") switch
        {
            "float32" => ScalarType.Float32,
            "float64" => ScalarType.Float64,
            var other => throw spec.Wrong("dtype", $"must be float32 or float64; got '{other}'."),
        };
        var data = spec.Choice("data", spec.Catalogs.Datasets);
        var batch = spec.Integer("batch", 64, most: 1_000_000);
        var system = spec.Choice("system", spec.Catalogs.Systems, "gan");
        var made = spec.Part("system", () => system.Create(spec, new SystemInput(data, batch, dtype)));
        var result = new ExperimentSpec(spec.Canonical)
        {
            Catalogs = catalogs,
            Extensions = extensions,
            Name = name,
            Experiment = experiment,
            Notes = notes,
            Seed = seed,
            Steps = steps,
            Threads = threads,
            Device = device,
            Data = data,
            Game = made.Game,
            Samples = made.Samples,
            BatchSize = batch,
            LogEvery = spec.Integer("log_every", 10),
            Pictures = spec.Section(
                "samples",
                section => new SamplesSpec(
                    section.Integer("every", 500, least: 0),
                    section.Integer("count", 64, most: 10_000)
                )
            ),
            Evaluation = spec.Section("evaluation", section => ReadEvaluation(section, data, made.Samples)),
            Checkpoints = spec.Section("checkpoints", ReadCheckpoints),
            Stop = spec.Sections("stop", StopCriterion.Read),
            FingerprintEvery = spec.Section("fingerprints", section => section.Integer("every", 1000, least: 0)),
            Tracking = spec.Section("tracking", TrackingSpec.Read),
        };
        spec.Close();
        string[] measured =
        [
            .. result.Samples.SelectMany(sampled =>
                result
                    .Evaluation.Metrics.SelectMany(metric => metric.Names)
                    .Select(name => result.NameOf(sampled, name))
            ),
        ];
        var best = result.Checkpoints.Best;
        if (best.Length > 0 && !measured.Contains(best))
            throw spec.Wrong(
                "checkpoints",
                $"best: no evaluation measures '{best}'; {NearestName.Hint(best, measured)}"
            );
        foreach (var criterion in result.Stop)
            RequireLogged(spec, result, criterion.Metric, measured);
        // A run that stops for want of improvement keeps the state that was best.
        return
            best.Length == 0
            && result.Stop.FirstOrDefault(stop => stop.Patience > 0 && stop.Metric.StartsWith(Evaluated)) is { } patient
            ? result with
            {
                Checkpoints = result.Checkpoints with
                {
                    Best = patient.Metric[Evaluated.Length..],
                    Maximize = patient.Maximize,
                },
            }
            : result;
    }

    const string Evaluated = "evaluation/";

    // What a turn or a player measures is known when it plays; that there is such a turn or player, before.
    static void RequireLogged(SpecReader spec, ExperimentSpec result, string metric, IReadOnlyList<string> measured)
    {
        string[] levels =
        [
            "diagnostics",
            .. result.Game.Turns.Select(turn => turn.Name),
            .. result.Game.Players.Select(player => player.Name),
        ];
        var evaluated = measured.Select(name => Evaluated + name).ToArray();
        if (evaluated.Contains(metric) || levels.Any(level => metric.StartsWith($"{level}/", StringComparison.Ordinal)))
            return;
        throw spec.Wrong(
            "stop",
            $"nothing measures '{metric}'; {NearestName.Hint(metric, [.. evaluated, "discriminator/loss", "generator/loss"])}"
        );
    }

    static int ReadThreads(SpecReader spec)
    {
        var text = spec.Text("threads", "auto");
        return text == "auto" ? 0
            : int.TryParse(text, out var threads) && threads is > 0 and <= 1024 ? threads
            : throw spec.Wrong("threads", $"must be auto or a whole number from 1 to 1024; got '{text}'.");
    }

    static EvaluationSpec ReadEvaluation(SpecReader spec, DatasetSource data, IReadOnlyList<SampledGenerator> samples)
    {
        var every = spec.Integer("every", 1000, least: 0);
        var points = spec.Integer("points", 2500, least: 2, most: 1_000_000);
        var metrics = spec.Choices("metrics", spec.Catalogs.Metrics);
        var measured = metrics.Count > 0 ? metrics : MetricCatalog.Default(data.Of(samples[0].Data));
        var twice = measured
            .SelectMany(metric => metric.Names)
            .GroupBy(name => name)
            .FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? new EvaluationSpec(every, points, measured)
            : throw spec.Wrong("metrics", $"'{twice.Key}' is measured twice.");
    }

    static CheckpointSpec ReadCheckpoints(SpecReader spec) =>
        new(
            spec.Integer("every", 1000, least: 0),
            spec.Integer("keep", 2),
            spec.Text("best", ""),
            spec.Flag("maximize", false)
        );

    static IEnumerable<KeyValuePair<string, string>> Flatten(string path, JsonNode? node) =>
        node switch
        {
            JsonObject level => level.SelectMany(pair =>
                Flatten(path.Length == 0 ? pair.Key : $"{path}.{pair.Key}", pair.Value)
            ),
            JsonArray list when list.Any(item => item is JsonObject) => list.SelectMany(
                (item, i) => Flatten($"{path}.{i}", item)
            ),
            JsonValue value when value.TryGetValue<string>(out var text) => [new(path, text)],
            _ => [new(path, node?.ToJsonString() ?? "")],
        };

    static string Hash(IEnumerable<KeyValuePair<string, JsonNode?>> level) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(SortedLevel(level).ToJsonString())));

    static JsonObject SortedLevel(IEnumerable<KeyValuePair<string, JsonNode?>> level) =>
        new(
            level
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))
        );

    static JsonNode? Sorted(JsonNode? node) =>
        node switch
        {
            JsonObject level => SortedLevel(level),
            JsonArray list => new JsonArray([.. list.Select(Sorted)]),
            _ => node?.DeepClone(),
        };
}
