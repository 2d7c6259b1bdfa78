using System.Collections.Immutable;

namespace Gan.Core;

/// <summary>The gradients of one turn, by player, and what changes beside the weights.</summary>
public sealed record TurnGradients(
    ImmutableArray<NamedTree> Gradients,
    IReadOnlyList<NamedTree> Buffers,
    ParameterTree ObjectiveState,
    Measurements Measurements
);

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
        var played = input.Game.Turns[turn];
        var key = input.State.Root.Derive(input.State.Step).Derive(played.Name).Derive(repeat);
        var players = state.Players.ToDictionary(
            player => player.Name,
            player =>
                played.Players.Contains(player.Name)
                    ? player.Network with
                    {
                        Weights = player.Network.Weights.Leaves(),
                    }
                    : player.Network
        );
        var result = played.Objective.Evaluate(
            new ObjectiveInput(players, state.Objectives[turn], batch, key, input.Game.Dtype, input.Options.Measure)
        );
        if (result.Loss.ndim != 0)
            throw new InvalidOperationException(
                $"The objective of the turn '{played.Name}' must be a tensor without dimensions; got {result.Loss}."
            );
        var weights = played.Players.SelectMany(name => players[name].Weights.ToArray()).ToArray();
        var flat = EngineDifferences.Gradients(result.Loss, weights, createGraph: false);
        var start = 0;
        var gradients = ImmutableArray.CreateBuilder<NamedTree>();
        foreach (var name in played.Players)
        {
            var tree = players[name].Weights;
            gradients.Add(new NamedTree(name, tree.With(flat[start..(start + tree.Count)])));
            start += tree.Count;
        }
        var measurements = input.Options.Measure ? Measure(played, result, gradients) : Measurements.Empty;
        foreach (
            var tensor in flat.Concat(measurements.Entries.Select(entry => entry.Tensor))
                .Concat(result.Buffers.SelectMany(buffers => buffers.Tree.ToArray()))
                .Concat(result.State.ToArray())
        )
            scope.MoveToOuter(tensor);
        return new TurnGradients(gradients.ToImmutable(), result.Buffers, result.State, measurements);
    }

    /// <summary>The state after the turn's players have moved along their gradients.</summary>
    public static GameState Move(StepInput input, GameState state, int turn, TurnGradients gradients)
    {
        var next = state with { Objectives = state.Objectives.SetItem(turn, gradients.ObjectiveState) };
        foreach (var buffers in gradients.Buffers)
            next = Replace(next, buffers.Name, player => WithBuffers(player, buffers.Tree));
        // A tensor that stands in two places is still wanted in one when the other moves.
        var giveUp = input.Options.GiveUp && next.Tensors.Distinct().Count() == next.Tensors.Count();
        foreach (var moved in gradients.Gradients)
        {
            var player = input.Game.Players.First(player => player.Name == moved.Name);
            next = Replace(next, moved.Name, before => Move(player, before, moved.Tree, giveUp));
        }
        if (input.Options.GiveUp)
            state.ReleaseExcept(next);
        return next;
    }

    static PlayerState Move(Player player, PlayerState before, ParameterTree gradients, bool giveUp)
    {
        var updated = player.Optimizer.Update(gradients, before.Optimizer, before.Network.Weights, giveUp);
        var weights = player.Constraints.Aggregate(updated.Weights, (w, constraint) => constraint.Project(w));
        var network = before.Network with { Weights = weights };
        return before with
        {
            Network = network,
            Optimizer = updated.State,
            Average = player.Averaging is { } averaging
                ? Average(before.Average, network, averaging.Decay, giveUp)
                : before.Average,
        };
    }

    static LayerState Average(LayerState average, LayerState network, double decay, bool giveUp) =>
        new(
            Average(average.Weights, network.Weights, decay, giveUp),
            Average(average.Buffers, network.Buffers, decay, giveUp)
        );

    static ParameterTree Average(ParameterTree average, ParameterTree values, double decay, bool giveUp) =>
        average.With(EngineDifferences.Average(average.ToArray(), values.ToArray(), decay, giveUp));

    static PlayerState WithBuffers(PlayerState player, ParameterTree buffers) =>
        player with
        {
            Network = player.Network with { Buffers = buffers },
        };

    static GameState Replace(GameState state, string name, Func<PlayerState, PlayerState> change) =>
        state with
        {
            Players = [.. state.Players.Select(player => player.Name == name ? change(player) : player)],
        };

    static Measurements Measure(Turn turn, ObjectiveResult result, IEnumerable<NamedTree> gradients) =>
        new([
            new NamedTensor($"{turn.Name}/loss", result.Loss.detach()),
            .. result.Measurements.Entries.Select(entry => entry with { Path = $"{turn.Name}/{entry.Path}" }),
            .. gradients.Select(tree => new NamedTensor($"{tree.Name}/gradient_norm", tree.Tree.Norm())),
        ]);
}
