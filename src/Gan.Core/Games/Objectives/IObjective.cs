namespace Gan.Core;

/// <summary>What an objective is a function of.</summary>
/// <param name="Players">The network of every player, by name. The weights of the players that the turn moves require gradients.</param>
/// <param name="State">The objective's own state.</param>
/// <param name="States">The states of all turns' objectives, by the turn's name.</param>
/// <param name="Batch">The data drawn for the turn; null for an objective that draws none.</param>
/// <param name="Key">The turn's randomness.</param>
/// <param name="Step">The number of steps made before.</param>
/// <param name="Dtype">The game's element type.</param>
/// <param name="Device">The game's device.</param>
/// <param name="Measure">Whether anyone will read measurements; where not, an objective need not make them.</param>
public sealed record ObjectiveInput(
    IReadOnlyDictionary<string, BoundNetwork> Players,
    ParameterTree State,
    IReadOnlyDictionary<string, ParameterTree> States,
    Batch? Batch,
    RandomKey Key,
    long Step,
    ScalarType Dtype,
    Device Device,
    bool Measure
);

/// <summary>An objective's value.</summary>
/// <param name="Loss">What the turn's players minimize: a tensor without dimensions.</param>
/// <param name="Buffers">The new buffers of players whose networks changed theirs, by player.</param>
/// <param name="State">The objective's next state.</param>
/// <param name="Measurements">Numbers worth logging beside the loss.</param>
public sealed record ObjectiveResult(
    Tensor Loss,
    IReadOnlyList<NamedTree> Buffers,
    ParameterTree State,
    Measurements Measurements
);

/// <summary>What a turn's players minimize: a pure function. It names the players that it reads; the game has their networks.</summary>
public interface IObjective
{
    /// <summary>Throws for a game that it makes no sense in: a player is missing, or networks do not fit.</summary>
    /// <exception cref="RefusedException">Names the part that does not fit.</exception>
    void Validate(Game game) { }

    /// <summary>True when a turn needs a batch of data.</summary>
    bool DrawsData(Game game);

    /// <summary>The objective's first state, for the players' first.</summary>
    ParameterTree Init(IReadOnlyList<PlayerState> players, ScalarType dtype) => ParameterTree.Empty;

    /// <summary>The loss, and what changes beside the weights.</summary>
    ObjectiveResult Evaluate(ObjectiveInput input);
}
