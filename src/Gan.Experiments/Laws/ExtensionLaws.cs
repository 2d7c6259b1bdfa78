using System.Runtime.InteropServices;

namespace Gan.Experiments;

/// <summary>What a law says of an entry.</summary>
/// <param name="Kind">The entry's catalog.</param>
/// <param name="Entry">The entry's name.</param>
/// <param name="Law">The law, as a sentence.</param>
/// <param name="Failure">What breaks it; null where it holds.</param>
public sealed record LawResult(string Kind, string Entry, string Law, string? Failure);

/// <summary>Checks the laws of each kind on what extensions add, with their parameters' defaults.</summary>
public static class ExtensionLaws
{
    /// <summary>The laws of every entry that the extensions add.</summary>
    public static IEnumerable<LawResult> Check(IReadOnlyList<Extension> extensions)
    {
        Engine.Start();
        var before = Catalogs.BuiltIn;
        var after = Extensions.Load(extensions, before);
        return
        [
            .. Of(before.Losses, after.Losses, after, LossLaws.Of),
            .. Of(before.Penalties, after.Penalties, after, PenaltyLaws.Of),
            .. Of(before.GeneratorPenalties, after.GeneratorPenalties, after, PenaltyLaws.Of),
            .. Of(before.Layers, after.Layers, after, LayerLaws.Of),
            .. before.All.Zip(after.All).SelectMany(pair => TrainingLaws.Of(pair.First, pair.Second, extensions)),
        ];
    }

    static IEnumerable<LawResult> Of<T>(
        Catalog<T> before,
        Catalog<T> after,
        Catalogs catalogs,
        Func<T, IEnumerable<Law>> laws
    ) =>
        from entry in after.Entries
        where !before.Names.Contains(entry.Name)
        from law in laws(SpecReader.Make(entry, catalogs))
        select new LawResult(after.What, entry.Name, law.Sentence, law.Failure());
}

/// <summary>A law, and what breaks it.</summary>
internal sealed record Law(string Sentence, Func<string?> Check)
{
    /// <summary>What breaks it; null where it holds.</summary>
    public string? Failure()
    {
        using var scope = NewDisposeScope();
        try
        {
            return Check();
        }
        catch (Exception failure)
            when (failure is ArgumentException or InvalidOperationException or EngineException or ExternalException)
        {
            return failure.Message.Split('\n')[0];
        }
    }

    /// <summary>The randomness of all laws.</summary>
    public static RandomKey Key { get; } = RandomKey.FromSeed(11);

    /// <summary>Numbers in float64.</summary>
    public static Tensor Numbers(string name, params int[] shape) => Key.Derive(name).Normal(ScalarType.Float64, shape);

    /// <summary>The number of a tensor without dimensions.</summary>
    public static double Number(Tensor value) => value.detach().to_type(ScalarType.Float64).item<double>();

    /// <summary>
    /// Whether the derivative of a function by automatic differentiation, along random directions, is that of central
    /// differences; null where it is.
    /// </summary>
    public static string? Derivative(Func<Tensor[], Tensor> function, Tensor[] at)
    {
        const double step = 1e-5;
        using var asked = Gradient.Ask(DerivativeOrder.Any);
        Tensor[] leaves = [.. at.Select(point => point.detach().requires_grad_())];
        var value = function(leaves);
        if (value.ndim != 0)
            return $"the value must be a tensor without dimensions; it is of shape [{string.Join(", ", value.shape)}]";
        var gradients = Gradient.Of(value, leaves, createGraph: false);
        Tensor[] directions = [.. at.Select((point, i) => Key.Derive("direction").Derive(i).NormalLike(point))];
        var along = gradients.Zip(directions, (slope, direction) => Number((slope * direction).sum())).Sum();
        var central = (Number(function(Moved(step))) - Number(function(Moved(-step)))) / (2 * step);
        return Math.Abs(along - central) <= 1e-5 * (1 + Math.Abs(central))
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"along a random direction it is {along:G8}; central differences give {central:G8}"
            );

        Tensor[] Moved(double amount) =>
            [.. at.Zip(directions, (point, direction) => (point.detach() + direction * amount).requires_grad_())];
    }

    /// <summary>Whether two numbers are the same up to rounding; null where they are.</summary>
    public static string? Same(double expected, double found) =>
        Math.Abs(expected - found) <= 1e-9 * (1 + Math.Abs(expected))
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{expected:G10} became {found:G10}");

    /// <summary>Whether a state after a turn has the form of the state before, and no graph; null where it has.</summary>
    public static string? SameForm(ParameterTree before, ParameterTree? after) =>
        after is null ? null
        : !after.Paths.SequenceEqual(before.Paths) ? $"its paths are {string.Join(", ", after.Paths)}"
        : after.FirstOrDefault(entry => entry.Tensor.requires_grad) is { } graph
            ? $"'{graph.Path}' has a graph: detach it"
        : null;
}

/// <summary>Laws of losses.</summary>
internal static class LossLaws
{
    const int Batch = 6;

    public static IEnumerable<Law> Of(IAdversarialLoss loss)
    {
        if (loss.ReadsLabels)
            yield break;
        var (real, fake) = (Law.Numbers("real", Batch), Law.Numbers("fake", Batch));
        var order = tensor([2L, 0, 5, 1, 4, 3]);
        foreach (
            var (side, term) in new (string, Func<LossInput, Term>)[]
            {
                ("discriminator", loss.Discriminator),
                ("generator", loss.Generator),
            }
        )
        {
            Tensor Value(Tensor r, Tensor f) => term(Input(loss, r, f)).Value;
            yield return new Law(
                $"the {side}'s loss has the derivative of its value",
                () => Law.Derivative(points => Value(points[0], points[1]), [real, fake])
            );
            yield return new Law(
                $"the {side}'s loss does not see the order of a batch",
                () =>
                    Law.Same(
                        Law.Number(Value(real, fake)),
                        Law.Number(Value(real.index_select(0, order), fake.index_select(0, order)))
                    )
            );
            yield return new Law(
                $"the {side}'s loss is the same for the same input and key",
                () => Law.Number(Value(real, fake)).Equals(Law.Number(Value(real, fake))) ? null : "it is another one"
            );
        }
        yield return new Law(
            "the generator's loss reads real points only where the loss says so",
            () =>
                loss.GeneratorReadsReal
                    ? null
                    : Law.Same(
                        Law.Number(loss.Generator(Input(loss, real, fake)).Value),
                        Law.Number(loss.Generator(Input(loss, real * 3 + 1, fake)).Value)
                    )
        );
        yield return new Law(
            "the next state has the form of the first, and no graph",
            () =>
                Law.SameForm(
                    loss.Init(ScalarType.Float64),
                    loss.Discriminator(
                        Input(loss, real.detach().requires_grad_(), fake.detach().requires_grad_())
                    ).State
                )
        );
    }

    // Features and residuals are functions of the logits, so that every loss is one of logits.
    static LossInput Input(IAdversarialLoss loss, Tensor real, Tensor fake) =>
        new(Output(real), Output(fake)) { State = loss.Init(ScalarType.Float64), Key = Law.Key };

    static DiscriminatorOutput Output(Tensor logits) =>
        new(logits) { Features = stack([logits, logits.square()], 1), Residuals = logits.unsqueeze(1) };
}

/// <summary>Laws of penalties.</summary>
internal static class PenaltyLaws
{
    const int Batch = 6;

    public static IEnumerable<Law> Of(Regularizer regularizer)
    {
        if (regularizer.Penalty is not { } penalty)
            yield break;
        var space = new Space.Vector(2, ValueRange.Unbounded);
        var smooth = new MlpConfig { Widths = [5], Activation = new Tanh() };
        var discriminator = Mlp.Discriminator(space, smooth);
        var generator = Mlp.Generator(new LatentPrior.Normal(2), space, smooth);
        var first = discriminator.Init(Law.Key, ScalarType.Float64);
        var latents = Law.Numbers("latents", Batch, 2);
        var key = Law.Key.Derive("penalty");
        Term Term(ParameterTree weights) => penalty.Evaluate(Input(weights));
        yield return new Law(
            "the penalty has the derivative of its value in the discriminator's weights",
            () => Law.Derivative(weights => Term(Tree(weights)).Value, [.. first.Weights.Select(entry => entry.Tensor)])
        );
        yield return new Law(
            "the penalty is the same for the same input and key",
            () =>
                Law.Number(Term(first.Weights).Value).Equals(Law.Number(Term(first.Weights).Value))
                    ? null
                    : "it is another one"
        );
        yield return new Law(
            "the next state has the form of the first, and no graph",
            () =>
                Law.SameForm(
                    penalty.Init(first.Weights),
                    Term(Tree([.. first.Weights.Select(entry => entry.Tensor.detach().requires_grad_())])).State
                )
        );

        ParameterTree Tree(Tensor[] tensors) =>
            ParameterTree.FromTensors(first.Weights.Zip(tensors, (entry, own) => entry with { Tensor = own }));

        PenaltyInput Input(ParameterTree weights)
        {
            var state = new LayerState(weights, first.Buffers);
            var making = new LayerState(generator.Init(Law.Key, ScalarType.Float64).Weights, ParameterTree.Empty);
            var made = new MadeBy(generator, making);
            return new PenaltyInput(
                new JudgedBy(discriminator, state),
                new Sample(new NamedTensor("vector", Law.Numbers("real", Batch, 2))),
                made.Generate(latents),
                key
            )
            {
                Generator = made,
                Latents = latents,
                Player = new BoundNetwork(discriminator, state),
                State = penalty.Init(first.Weights),
            };
        }
    }

    sealed class JudgedBy(IDiscriminator discriminator, LayerState state) : IDiscriminatorFunction
    {
        public DiscriminatorOutput Discriminate(Sample sample) =>
            discriminator.Discriminate(state, sample, null, Mode.Train, Law.Key).Output;
    }

    sealed class MadeBy(IGenerator generator, LayerState state) : IGeneratorFunction
    {
        public Sample Generate(Tensor latents) => generator.Generate(state, latents, null, Mode.Train, Law.Key).Sample;
    }
}

/// <summary>Laws of layers that may follow a hidden layer.</summary>
internal static class LayerLaws
{
    public static IEnumerable<Law> Of(ILayer layer)
    {
        var state = layer.Init(Law.Key, ScalarType.Float64);
        var input = Law.Numbers("input", 4, 6);
        Tensor Output(Tensor x) => layer.Apply(state.Weights, state.Buffers, x, Mode.Train, Law.Key).Output;
        yield return new Law(
            "the layer has the derivative of its value in its input",
            () => Law.Derivative(x => (Output(x[0]) * Law.Numbers("probe", 4, 6)).sum(), [input])
        );
        yield return new Law(
            "a point's output does not depend on the others of its batch, unless the layer says so",
            () =>
                layer.MixesSamples
                    ? null
                    : Law.Same(
                        Law.Number(Output(input).narrow(0, 0, 1).sum()),
                        Law.Number(
                            Output(cat([input.narrow(0, 0, 1), input.narrow(0, 1, 3) * 5])).narrow(0, 0, 1).sum()
                        )
                    )
        );
    }
}

/// <summary>The law of every kind: it trains, and the same way each time.</summary>
internal static class TrainingLaws
{
    const string Ring = """
        steps: 20
        batch: 32
        data: ring
        latents: {kind: normal, size: 2}
        generator: {kind: mlp, widths: [16]}
        discriminator: {kind: mlp, widths: [16]}
        loss: non_saturating
        generator_optimizer: {kind: adam, learning_rate: 1e-3}
        discriminator_optimizer: {kind: adam, learning_rate: 1e-3}
        evaluation: {every: 20, points: 64}
        tracking: {kind: none}
        """;

    public static IEnumerable<LawResult> Of(ICatalog before, ICatalog after, IReadOnlyList<Extension> extensions)
    {
        var known = before.Lines.Select(line => line.Name).ToHashSet();
        foreach (var line in after.Lines.Where(line => !known.Contains(line.Name)))
            if (Assignments(after.What, line.Name) is { } assignments)
                yield return new LawResult(
                    after.What,
                    line.Name,
                    "20 steps on the ring are finite, and the same on one thread and on two",
                    Failure(assignments, extensions)
                );
    }

    static string[]? Assignments(string what, string name) =>
        what switch
        {
            "losses" => [$"loss={name}"],
            "penalties" => [$"penalties=[{name}]"],
            "generator_penalties" => [$"generator_penalties=[{name}]"],
            "augmentations" => [$"augmentations=[{name}]"],
            "optimizers" => [$"generator_optimizer={name}", $"discriminator_optimizer={name}"],
            "schedules" => [$"generator_optimizer.learning_rate={{kind: {name}}}"],
            "rules" => [$"rule={name}"],
            "latents" => [$"latents={name}"],
            "layers" => [$"generator.activation={name}", $"discriminator.activation={name}"],
            "generators" => [$"generator={name}"],
            "discriminators" => [$"discriminator={name}"],
            "datasets" => [$"data={name}"],
            "metrics" => [$"evaluation.metrics=[{name}]"],
            "systems" => [$"system={name}"],
            "detectors" => [],
            _ => null,
        };

    static string? Failure(string[] assignments, IReadOnlyList<Extension> extensions)
    {
        try
        {
            var catalogs = Extensions.Load(extensions, Catalogs.BuiltIn);
            var spec = ExperimentSpec.Read(SpecDocument.Parse("ring", Ring).WithAssignments(assignments), catalogs);
            var one = Train(spec.WithThreads(1));
            var two = Train(spec.WithThreads(2));
            return one.Ending != RunEnding.Finished ? one.Note
                : one.StateHash != two.StateHash ? "the states differ"
                : null;
        }
        catch (Exception failure)
            when (failure is SpecException or UserException or ArgumentException or EngineException)
        {
            return failure.Message.Split('\n')[0];
        }
    }

    static RunOutcome Train(ExperimentSpec spec) =>
        ExperimentRunner.Train(spec, RunStart.New, new Silent(), CancellationToken.None);

    sealed class Silent : IRunObserver
    {
        public void On(RunEvent happened) { }
    }
}
