using System.Collections.Immutable;

namespace Gan.Core;

/// <summary>
/// All that a step changes: an immutable value. Two states are the same by <see cref="Hash"/>.
/// </summary>
/// <param name="Players">One part per player, in the game's order.</param>
/// <param name="Objectives">The objectives' own states, in the order of the turns.</param>
/// <param name="Rule">What the update rule carries from step to step.</param>
/// <param name="Root">The key that every random number of the game derives from.</param>
/// <param name="Step">The number of steps made.</param>
public sealed record GameState(
    ImmutableArray<PlayerState> Players,
    ImmutableArray<ParameterTree> Objectives,
    ParameterTree Rule,
    RandomKey Root,
    long Step
)
{
    /// <summary>A player's part.</summary>
    public PlayerState Player(string name) =>
        Players.FirstOrDefault(player => player.Name == name)
        ?? throw new KeyNotFoundException(
            $"There is no player '{name}'; there is: {string.Join(", ", Players.Select(player => player.Name))}."
        );

    /// <summary>SHA-256 over path, dtype, shape and bytes of everything in the state, in path order.</summary>
    public string Hash()
    {
        using var scope = NewDisposeScope();
        return TreeHash.Of(GameCheckpoint.ToTensors(this));
    }

    /// <summary>The same state under handles of its own: it stays as it is whatever becomes of this one.</summary>
    internal GameState Retain() => Map(tensor => EngineDifferences.Share(tensor).DetachFromDisposeScope());

    /// <summary>Ends every tensor of this state that is not in the other.</summary>
    internal void ReleaseExcept(GameState kept)
    {
        var keep = new HashSet<Tensor>(kept.Tensors);
        foreach (var tensor in Tensors)
            if (!keep.Contains(tensor))
                tensor.Dispose();
    }

    /// <summary>True when no tensor stands in two places.</summary>
    internal bool HoldsEachOnce
    {
        get
        {
            var seen = new HashSet<Tensor>();
            foreach (var tensor in Tensors)
                if (!seen.Add(tensor))
                    return false;
            return true;
        }
    }

    internal IEnumerable<Tensor> Tensors =>
        Players
            .SelectMany(player => player.Tensors)
            .Concat(Objectives.SelectMany(objective => objective.ToArray()))
            .Concat(Rule.ToArray());

    internal GameState Map(Func<Tensor, Tensor> function) =>
        this with
        {
            Players = [.. Players.Select(player => player.Map(function))],
            Objectives = [.. Objectives.Select(objective => objective.Map(function))],
            Rule = Rule.Map(function),
        };
}
