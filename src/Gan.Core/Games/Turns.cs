namespace Gan.Core;

/// <summary>The gradients of one turn, by player, and what changes beside the weights.</summary>
public sealed record TurnGradients(
    ImmutableArray<NamedTree> Gradients,
    IReadOnlyList<NamedTree> Buffers,
    ParameterTree ObjectiveState,
    Measurements Measurements
)
{
    /// <summary>The same turn with other gradients, each made of the player's and its place.</summary>
    internal TurnGradients WithTrees(Func<NamedTree, int, ParameterTree> tree) =>
        this with
        {
            Gradients = [.. Gradients.Select((moved, i) => moved with { Tree = tree(moved, i) })],
        };

    internal IEnumerable<Tensor> GradientTensors => Gradients.SelectMany(moved => moved.Tree.ToArray());

    internal IEnumerable<Tensor> Tensors =>
        GradientTensors
            .Concat(Measurements.Entries.Select(entry => entry.Tensor))
            .Concat(Buffers.SelectMany(buffers => buffers.Tree.ToArray()))
            .Concat(ObjectiveState.ToArray());
}

/// <summary>The two halves of a turn, which update rules are made of: its gradients at a state, and the move along them.</summary>
public static class Turns
{
    /// <summary>
    /// The gradients of the turn's objective at a state, with respect to the weights of the turn's players alone.
    /// </summary>
    /// <param name="input">The step.</param>
    /// <param name="state">Where to take the gradients.</param>
    /// <param name="turn">The turn's number in the game.</param>
    /// <param name="repeat">Which repetition of the turn this is, from 0.</param>
    /// <param name="batch">The data drawn for it; null for an objective that draws none.</param>
    public static TurnGradients Gradients(StepInput input, GameState state, int turn, int repeat, Batch? batch)
    {
        using var scope = NewDisposeScope();
        var players = state.Players.ToDictionary(player => player.Name, player => player.Network);
        var gradients = Gradients(input, state, players, turn, repeat, batch, createGraph: false);
        scope.MoveToOuter(gradients.Tensors);
        return gradients;
    }

    /// <summary>
    /// The same at networks given for the players, with respect to the weights of the turn's; with
    /// <paramref name="createGraph"/> the gradients are functions of all weights that require gradients.
    /// </summary>
    internal static TurnGradients Gradients(
        StepInput input,
        GameState state,
        IReadOnlyDictionary<string, LayerState> players,
        int turn,
        int repeat,
        Batch? batch,
        bool createGraph
    )
    {
        var played = input.Game.Turns[turn];
        using var asked = Gradient.Ask(createGraph ? DerivativeOrder.Higher : DerivativeOrder.First);
        var key = input.State.Root.Derive(input.State.Step).Derive(played.Name).Derive(repeat);
        var networks = new Dictionary<string, LayerState>(players);
        var leaves = new List<Tensor>();
        foreach (var name in played.Players)
        {
            var inputs = Gradient.Inputs(networks[name].Weights.ToArray());
            networks[name] = networks[name] with { Weights = networks[name].Weights.With([.. inputs.Values]) };
            leaves.AddRange(inputs.Leaves);
        }
        var objective = new ObjectiveInput(
            input.Game.Networks.ToDictionary(
                player => player.Key,
                player => new BoundNetwork(player.Value, networks[player.Key])
            ),
            state.Objectives[turn],
            input.Game.Turns.Zip(state.Objectives).ToDictionary(pair => pair.First.Name, pair => pair.Second),
            batch,
            key,
            input.State.Step,
            input.Game.Dtype,
            input.Game.Device,
            input.Measure
        );
        var (result, flat) = Differentiate(played, objective, leaves, createGraph);
        var start = 0;
        var gradients = ImmutableArray.CreateBuilder<NamedTree>();
        foreach (var name in played.Players)
        {
            var tree = players[name].Weights;
            gradients.Add(new NamedTree(name, tree.With(flat[start..(start + tree.Count)])));
            start += tree.Count;
        }
        var measurements = Measure(played, result, gradients, input.Measure);
        return new TurnGradients(gradients.ToImmutable(), result.Buffers, result.State, measurements);
    }

    static (ObjectiveResult Result, Tensor[] Gradients) Differentiate(
        Turn turn,
        ObjectiveInput input,
        IReadOnlyList<Tensor> leaves,
        bool createGraph
    )
    {
        try
        {
            var result = turn.Objective.Evaluate(input);
            if (result.Loss.ndim != 0)
                throw new InvalidOperationException(
                    $"The objective of the turn '{turn.Name}' must be a tensor without dimensions; got {result.Loss.Describe()}."
                );
            return (result, Gradient.Of(result.Loss, leaves, createGraph));
        }
        catch (Exception failure) when (failure is ExternalException or EngineException)
        {
            var reason = failure is ExternalException native ? EngineException.Describe(native) : failure.Message;
            throw new EngineException(
                $"The turn '{turn.Name}' of step {input.Step + 1} could not be played. {reason}",
                failure
            );
        }
    }

    /// <summary>The gradients of all turns at one state, each turn made once.</summary>
    public static ImmutableArray<TurnGradients> AllGradients(StepInput input, GameState state) =>
        [.. input.Game.Turns.Select((_, turn) => Gradients(input, state, turn, 0, input.BatchOf(turn, 0)))];

    /// <summary>The step that all players make at once, from a state along their gradients.</summary>
    public static StepResult MoveAll(StepInput input, GameState state, ImmutableArray<TurnGradients> all)
    {
        for (var turn = 0; turn < all.Length; turn++)
            state = Move(input, state, turn, all[turn]);
        return new StepResult(state, new Measurements([.. all.SelectMany(turn => turn.Measurements.Entries)]));
    }

    /// <summary>
    /// The step's first state with every player's weights on the way to where a move along the gradients would bring
    /// them: at 0 where they are, at 1 there.
    /// </summary>
    public static GameState Toward(StepInput input, ImmutableArray<TurnGradients> all, double fraction)
    {
        var there = MoveAll(input, input.State, all).State;
        return input.State.WithWeights(player =>
            player.Network.Weights.Toward(there.Player(player.Name).Network.Weights, fraction)
        );
    }

    /// <summary>Sums of gradients, each with its fraction; all else is that of <paramref name="first"/>.</summary>
    internal static ImmutableArray<TurnGradients> Combine(
        ImmutableArray<TurnGradients> first,
        IReadOnlyList<(double Fraction, ImmutableArray<TurnGradients> Gradients)> terms
    )
    {
        return [.. first.Select((turn, i) => turn.WithTrees((_, j) => Sum(i, j)))];

        ParameterTree Sum(int turn, int player) =>
            terms
                .Select(term => term.Gradients[turn].Gradients[player].Tree.Map(slope => slope * term.Fraction))
                .Aggregate((a, b) => a.Zip(b, (x, y) => x + y));
    }

    /// <summary>Throws for a game with a turn that is repeated, or a player with two turns: all turns at once see the same weights.</summary>
    public static void RequireOnce(Game game)
    {
        if (game.Turns.FirstOrDefault(turn => turn.Repeats != 1) is { } turn)
            throw new ArgumentException(
                $"Turns that are made at once are made once a step, since all see the same weights; the turn '{turn.Name}' repeats {turn.Repeats} times."
            );
        var moves = game.Turns.SelectMany(turn => turn.Players).GroupBy(name => name);
        if (moves.FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException(
                $"Turns that are made at once move different players; '{twice.Key}' is moved by {twice.Count()} of them."
            );
    }

    /// <summary>The state after the turn's players have moved along their gradients.</summary>
    public static GameState Move(StepInput input, GameState state, int turn, TurnGradients gradients)
    {
        var next = state with { Objectives = state.Objectives.SetItem(turn, gradients.ObjectiveState) };
        foreach (var (name, tree) in gradients.Buffers)
            next = Replace(next, name, before => before with { Network = before.Network with { Buffers = tree } });
        foreach (var moved in gradients.Gradients)
        {
            var player = input.Game.Players.First(player => player.Name == moved.Name);
            next = Replace(next, moved.Name, before => Move(player, before, moved.Tree, input.State.Step));
        }
        return next;
    }

    static PlayerState Move(Player player, PlayerState before, ParameterTree gradients, long step)
    {
        var updated = player.Optimizer.Update(gradients, before.Optimizer, before.Network.Weights);
        var weights = player.Constraints.Aggregate(updated.Weights, (w, constraint) => constraint.Project(w));
        var network = before.Network with { Weights = weights };
        return before with
        {
            Network = network,
            Optimizer = updated.State,
            Average = player.Averaging is { } averaging
                ? Average(before.Average, network, averaging.DecayAt(step))
                : before.Average,
        };
    }

    static LayerState Average(LayerState average, LayerState network, double decay) =>
        new(Average(average.Weights, network.Weights, decay), Average(average.Buffers, network.Buffers, decay));

    static ParameterTree Average(ParameterTree average, ParameterTree values, double decay) =>
        average.With(WeightKernels.Average(average.ToArray(), values.ToArray(), decay));

    static GameState Replace(GameState state, string name, Func<PlayerState, PlayerState> change) =>
        state with
        {
            Players = [.. state.Players.Select(player => player.Name == name ? change(player) : player)],
        };

    // The loss is always told: a run that has become NaN is not to go on unseen.
    static Measurements Measure(Turn turn, ObjectiveResult result, IEnumerable<NamedTree> gradients, bool all)
    {
        var loss = new NamedTensor($"{turn.Name}/loss", result.Loss.detach());
        return all
            ? new([
                loss,
                .. result.Measurements.Entries.Select(entry => entry with { Path = $"{turn.Name}/{entry.Path}" }),
                .. gradients.Select(tree => new NamedTensor($"{tree.Name}/gradient_norm", tree.Tree.Norm())),
            ])
            : new([loss]);
    }
}
