namespace Gan.Core;

/// <summary>Who moves, by what objective, and how often in one step.</summary>
public sealed record Turn(string Name, ImmutableArray<string> Players, IObjective Objective, int Repeats)
{
    /// <summary>A turn of one player, once a step, named after it.</summary>
    public static Turn Of(string player, IObjective objective) => new(player, [player], objective, 1);
}

/// <summary>
/// A game is a value: its players, the turns of one step in order, and the rule by which turns move weights. The step
/// function is <see cref="Step.Run(Game, GameState, IReadOnlyList{Batch})"/>.
/// </summary>
public sealed record Game
{
    readonly ImmutableArray<int> batches;

    /// <summary>A checked game.</summary>
    /// <exception cref="ArgumentException">Two players or turns have one name, or a turn names a player that is not there.</exception>
    /// <exception cref="RefusedException">Parts of the game make no sense together.</exception>
    public Game(IEnumerable<Player> players, IEnumerable<Turn> turns, IUpdateRule rule, ScalarType dtype)
    {
        Players = [.. players];
        Turns = [.. turns];
        Rule = rule;
        Dtype = dtype;
        if (dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"A game is played in Float32 or Float64; got {dtype}.");
        RequireDistinct(Players.Select(player => player.Name), "players");
        Networks = Players.ToImmutableDictionary(player => player.Name, player => player.Network);
        RequireDistinct(Turns.Select(turn => turn.Name), "turns");
        foreach (var turn in Turns)
        {
            Require.Positive(turn.Repeats, nameof(turn.Repeats));
            foreach (var name in turn.Players)
                Network<INetwork>(name);
            turn.Objective.Validate(this);
        }
        RefusedException.Check(GamePart.Rule, () => rule.Validate(this));
        batches = [.. Turns.Select(turn => turn.Objective.DrawsData(this) ? turn.Repeats : 0)];
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
    public int BatchesPerStep => batches.Sum();

    /// <summary>The networks of the players, by name.</summary>
    public IReadOnlyDictionary<string, INetwork> Networks { get; }

    /// <summary>The players' names, for a message.</summary>
    internal string PlayerNames => string.Join(", ", Players.Select(player => player.Name));

    /// <summary>The network of a player, of the kind that is wanted.</summary>
    /// <exception cref="ArgumentException">There is no such player, or its network is of another kind.</exception>
    public T Network<T>(string player)
        where T : INetwork =>
        Networks.TryGetValue(player, out var network)
            ? network is T wanted
                ? wanted
                : throw new ArgumentException(
                    $"The player '{player}' must be a {Kind(typeof(T))}; it is a {network.GetType().Name}."
                )
            : throw new ArgumentException($"Unknown player '{player}'. Players: {PlayerNames}.");

    /// <summary>The players' networks at a state, by name.</summary>
    internal IReadOnlyDictionary<string, BoundNetwork> Bind(GameState state) =>
        state.Players.ToDictionary(
            player => player.Name,
            player => new BoundNetwork(Networks[player.Name], player.Network)
        );

    /// <summary>The batches that a turn draws in one step.</summary>
    internal int BatchesOf(int turn) => batches[turn];

    /// <summary>The place of a turn's first batch among those of a step.</summary>
    internal int FirstBatchOf(int turn) => batches.Take(turn).Sum();

    static string Kind(Type type) =>
        type == typeof(IGenerator) ? "generator"
        : type == typeof(IDiscriminator) ? "discriminator"
        : type.Name;

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
