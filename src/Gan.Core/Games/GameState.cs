namespace Gan.Core;

/// <summary>
/// All that a step changes: an immutable value. Two states are the same by <see cref="Hash"/>. A state need not be disposed:
/// the collector knows its size. A loop that is done with a state may dispose it, which leaves the states that
/// <see cref="Step.Run(Game, GameState, IReadOnlyList{Batch})"/> made of it as they are; copies made by <c>with</c> share its tensors.
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
) : IDisposable
{
    /// <summary>A player's part.</summary>
    public PlayerState Player(string name) =>
        Players.FirstOrDefault(player => player.Name == name)
        ?? throw new KeyNotFoundException(
            $"Unknown player '{name}'. Players: {string.Join(", ", Players.Select(player => player.Name))}."
        );

    /// <summary>SHA-256 over path, dtype, shape and bytes of everything in the state, in path order.</summary>
    public string Hash()
    {
        using var scope = NewDisposeScope();
        return TreeHash.Of(GameCheckpoint.ToTensors(this));
    }

    /// <summary>Ends all tensors of this state.</summary>
    public void Dispose()
    {
        foreach (var tensor in Tensors)
            TensorScope.End(tensor);
    }

    /// <summary>The same state with tensors of its own, over the same memory: it stays as it is whatever becomes of this one.</summary>
    internal GameState Retain() => Map(tensor => tensor.detach().DetachFromDisposeScope());

    /// <summary>
    /// The same state, with tensors of its own where they are another state's, or stand in two places of this one.
    /// </summary>
    internal GameState ApartFrom(GameState? other)
    {
        var taken = new HashSet<Tensor>(other?.Tensors ?? [], ReferenceEqualityComparer.Instance);
        return Map(tensor => taken.Add(tensor) ? tensor : tensor.detach());
    }

    /// <summary>Ends those of some tensors that neither this state nor another holds.</summary>
    internal void DisposeUnused(IEnumerable<Tensor> tensors, GameState other)
    {
        var held = new HashSet<Tensor>(Tensors.Concat(other.Tensors), ReferenceEqualityComparer.Instance);
        foreach (var tensor in tensors)
            if (!held.Contains(tensor))
                tensor.Dispose();
    }

    /// <summary>The same state with other weights of its players.</summary>
    internal GameState WithWeights(Func<PlayerState, ParameterTree> weights) =>
        this with
        {
            Players = [.. Players.Select(own => own with { Network = own.Network with { Weights = weights(own) } })],
        };

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
