namespace Gan.Core;

/// <summary>Who moves, by what objective, and how often in one step.</summary>
public sealed record Turn(string Name, ImmutableArray<string> Players, IObjective Objective, int Repeats)
{
    /// <summary>A turn of one player, once a step, named after it.</summary>
    public static Turn Of(string player, IObjective objective) => new(player, [player], objective, 1);

    /// <summary>The batches that it draws in one step.</summary>
    internal int Batches => Objective.DrawsData ? Repeats : 0;
}

/// <summary>
/// A game is a value: its players, the turns of one step in order, and the rule by which turns move weights. The step
/// function is <see cref="Step.Run(Game, GameState, IReadOnlyList{Batch})"/>.
/// </summary>
public sealed record Game
{
    /// <summary>A checked game.</summary>
    /// <exception cref="ArgumentException">Two players or turns share a name, or a turn moves a player that is not there.</exception>
    public Game(IEnumerable<Player> players, IEnumerable<Turn> turns, IUpdateRule rule, ScalarType dtype)
    {
        Players = [.. players];
        Turns = [.. turns];
        Rule = rule;
        Dtype = dtype;
        if (dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"A game is played in Float32 or Float64; got {dtype}.");
        RequireDistinct(Players.Select(player => player.Name), "players");
        RequireDistinct(Turns.Select(turn => turn.Name), "turns");
        foreach (var turn in Turns)
        {
            Require.Positive(turn.Repeats, nameof(turn.Repeats));
            foreach (var name in turn.Players)
                if (Players.All(player => player.Name != name))
                    throw new ArgumentException(
                        $"The turn '{turn.Name}' moves '{name}', which is no player; there is: {string.Join(", ", Players.Select(p => p.Name))}."
                    );
        }
        rule.Validate(this);
    }

    /// <summary>The players, in the order of the state's.</summary>
    public ImmutableArray<Player> Players { get; }

    /// <summary>The turns of one step, in order.</summary>
    public ImmutableArray<Turn> Turns { get; }

    /// <summary>How turns move weights.</summary>
    public IUpdateRule Rule { get; }

    /// <summary>The element type of all weights: float32 or float64.</summary>
    public ScalarType Dtype { get; }

    /// <summary>Where its state and its batches live.</summary>
    public Device Device { get; init; } = Devices.Cpu;

    /// <summary>The same game on another device.</summary>
    public Game WithDevice(Device device) => this with { Device = device };

    /// <summary>The number of batches that one step draws: one for every turn that draws data, times its repeats.</summary>
    public int BatchesPerStep => Turns.Sum(turn => turn.Batches);

    /// <summary>The state before the first step. Every number in it follows from the key.</summary>
    public GameState Init(RandomKey root)
    {
        using var scope = new TensorScope();
        PlayerState[] players =
        [
            .. Players.Select(player =>
            {
                var network = player.Network.Init(root.Derive("init").Derive(player.Name), Dtype).On(Device);
                var optimizer = player.Optimizer.Init(network.Weights);
                return new PlayerState(player.Name, network, optimizer, player.InitAverage(network));
            }),
        ];
        var state = Start(players, root);
        scope.Keep(state.Tensors);
        return state;
    }

    /// <summary>The state before the first step, of given players.</summary>
    internal GameState Start(IReadOnlyList<PlayerState> players, RandomKey root) =>
        new GameState(
            [.. players],
            [.. Turns.Select(turn => turn.Objective.Init(players, Dtype))],
            Rule.Init(players),
            root,
            0
        )
            .Map(tensor => tensor.On(Device))
            .ApartFrom(null);

    static void RequireDistinct(IEnumerable<string> names, string what)
    {
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two {what} are named '{twice.Key}'.");
    }
}
