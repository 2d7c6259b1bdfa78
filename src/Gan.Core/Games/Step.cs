namespace Gan.Core;

/// <summary>A step's outcome: the next state, and numbers seen on the way.</summary>
public sealed record StepResult(GameState State, Measurements Measurements);

/// <summary>The step function.</summary>
public static class Step
{
    /// <summary>
    /// Plays every turn of the game once, or as often as it repeats: a pure function of its arguments. The given state
    /// stays as it is.
    /// </summary>
    /// <param name="game">The game.</param>
    /// <param name="state">The state before.</param>
    /// <param name="batches">One batch for every turn that draws data, k for a turn repeated k times, in the order of play.</param>
    /// <exception cref="ArgumentException">The number of batches is not <see cref="Game.BatchesPerStep"/>.</exception>
    public static StepResult Run(Game game, GameState state, IReadOnlyList<Batch> batches) =>
        Run(game, state, batches, measure: true);

    /// <summary>The same; where nobody reads measurements, with the losses alone.</summary>
    /// <param name="game">The game.</param>
    /// <param name="state">The state before.</param>
    /// <param name="batches">One batch for every turn that draws data, k for a turn repeated k times, in the order of play.</param>
    /// <param name="measure">Whether to measure more than the losses.</param>
    public static StepResult Run(Game game, GameState state, IReadOnlyList<Batch> batches, bool measure)
    {
        if (batches.Count != game.BatchesPerStep)
            throw new ArgumentException(
                $"A step of this game draws {game.BatchesPerStep} batches; got {batches.Count}.",
                nameof(batches)
            );
        using var scope = new TensorScope(state, batches);
        var result = game.Rule.Advance(new StepInput(game, state, batches, measure));
        var next = (result.State with { Step = state.Step + 1 }).ApartFrom(state);
        var measurements = ApartFrom(result.Measurements, state, next);
        scope.Keep(next.Tensors);
        scope.Keep(measurements.Entries.Select(entry => entry.Tensor));
        return new StepResult(next, measurements);
    }

    // The same numbers, with tensors of their own where they are a state's.
    static Measurements ApartFrom(Measurements measurements, params GameState[] states)
    {
        var held = new HashSet<Tensor>(states.SelectMany(state => state.Tensors), ReferenceEqualityComparer.Instance);
        return new([
            .. measurements.Entries.Select(entry =>
                held.Contains(entry.Tensor) ? entry with { Tensor = entry.Tensor.detach() } : entry
            ),
        ]);
    }
}

/// <summary>What an update rule plays a step from.</summary>
/// <param name="Game">The game.</param>
/// <param name="State">The state before.</param>
/// <param name="Batches">The batches drawn for the step, in the order of play.</param>
/// <param name="Measure">Whether to measure more than the losses.</param>
public sealed record StepInput(Game Game, GameState State, IReadOnlyList<Batch> Batches, bool Measure)
{
    /// <summary>The batch drawn for a repetition of a turn, both counted from 0; null for a turn that draws none.</summary>
    public Batch? BatchOf(int turn, int repeat) =>
        Game.BatchesOf(turn) > 0 ? Batches[Game.FirstBatchOf(turn) + repeat] : null;
}

/// <summary>How turns move weights: a value. Its step is a pure function, made of <see cref="Turns"/>.</summary>
public interface IUpdateRule
{
    /// <summary>Throws for a game that the rule makes no sense for.</summary>
    void Validate(Game game) { }

    /// <summary>What the rule carries from step to step, before the first.</summary>
    ParameterTree Init(IReadOnlyList<PlayerState> players) => ParameterTree.Empty;

    /// <summary>All turns of one step. The step's number is counted by the caller.</summary>
    StepResult Advance(StepInput input);
}

/// <summary>A rule that makes all turns at once: none is repeated, and each moves players of its own.</summary>
public interface ISimultaneousRule : IUpdateRule
{
    /// <inheritdoc/>
    void IUpdateRule.Validate(Game game) => Turns.RequireOnce(game);
}
