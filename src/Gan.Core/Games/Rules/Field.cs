using System.Collections.Immutable;

namespace Gan.Core;

/// <summary>
/// The simultaneous gradient g of a game as a differentiable function of all its weights w at one state: the field v =
/// -g that second-order rules bend, and its derivatives, with H = dg/dw the game's Hessian. Directions are one tensor per
/// weight, in the order of <see cref="Weights"/>.
/// </summary>
internal sealed class Field
{
    readonly StepInput input;
    readonly ImmutableArray<TurnGradients> turns;
    Tensor[]? free;
    Tensor[]? transposed;

    Field(StepInput input, ImmutableArray<TurnGradients> turns, Tensor[] weights, Tensor[] gradient, int[] players)
    {
        this.input = input;
        this.turns = turns;
        Weights = weights;
        Gradient = gradient;
        Players = players;
    }

    /// <summary>The weights that some turn moves, as leaves.</summary>
    public Tensor[] Weights { get; }

    /// <summary>The gradient of each weight's own turn, with its graph.</summary>
    public Tensor[] Gradient { get; }

    /// <summary>For each weight the number of the player it belongs to.</summary>
    public int[] Players { get; }

    /// <summary>The field at a state.</summary>
    public static Field At(StepInput input, GameState state)
    {
        var players = state.Players.ToDictionary(player => player.Name, player => player.Network.WithLeaves());
        var turns = ImmutableArray.CreateBuilder<TurnGradients>();
        var weights = new List<Tensor>();
        var gradient = new List<Tensor>();
        var owners = new List<int>();
        for (var turn = 0; turn < input.Game.Turns.Length; turn++)
        {
            var found = Turns.Gradients(input, state, players, turn, 0, input.BatchOf(turn, 0), createGraph: true);
            turns.Add(found);
            foreach (var moved in found.Gradients)
            {
                weights.AddRange(players[moved.Name].Weights.ToArray());
                gradient.AddRange(moved.Tree.ToArray());
                var owner = state.Players.IndexOf(state.Player(moved.Name));
                owners.AddRange(Enumerable.Repeat(owner, moved.Tree.Count));
            }
        }
        return new Field(input, turns.ToImmutable(), [.. weights], [.. gradient], [.. owners]);
    }

    /// <summary>H^T u.</summary>
    public Tensor[] TransposedProduct(Tensor[] direction) => Along(Gradient, Weights, direction, createGraph: false);

    /// <summary>H u: H^T x is linear in x, and its gradient along u is H u, wherever x is.</summary>
    public Tensor[] Product(Tensor[] direction)
    {
        Prepare();
        return Along(transposed!, free!, direction, createGraph: false);
    }

    /// <summary>Makes what all products share, in the scope that they are made in or an outer one.</summary>
    public void Prepare()
    {
        free ??= [.. Gradient.Select(part => Core.Gradient.Leaf(zeros_like(part)))];
        transposed ??= Along(Gradient, Weights, free, createGraph: true);
    }

    /// <summary>The state after all players have moved along another direction than the gradient.</summary>
    public StepResult Move(GameState state, Tensor[] direction)
    {
        var start = 0;
        var bent = turns.Select(turn =>
            turn with
            {
                Gradients =
                [
                    .. turn.Gradients.Select(moved =>
                    {
                        var part = direction[start..(start + moved.Tree.Count)];
                        start += part.Length;
                        return moved with { Tree = moved.Tree.With([.. part.Select(tensor => tensor.detach())]) };
                    }),
                ],
            }
        );
        return Turns.MoveAll(input, state, [.. bent]);
    }

    /// <summary>The direction with the parts of all other players set to zero.</summary>
    public Tensor[] Only(Tensor[] direction, int player) =>
        [.. direction.Select((part, i) => Players[i] == player ? part : zeros_like(part))];

    /// <summary>The direction without a graph.</summary>
    public static Tensor[] Detached(Tensor[] direction) => [.. direction.Select(part => part.detach())];

    /// <summary>The inner product of two directions.</summary>
    public static double Dot(Tensor[] a, Tensor[] b) =>
        a.Zip(b, (x, y) => (x * y).sum().to_type(ScalarType.Float64)).Aggregate((x, y) => x + y).item<double>();

    /// <summary>a + share b, part by part.</summary>
    public static Tensor[] Add(Tensor[] a, Tensor[] b, double share) =>
        [.. a.Zip(b, (x, y) => x.detach() + y.detach() * share)];

    // The gradient with respect to the inputs of the sum of <outputs, direction>.
    static Tensor[] Along(Tensor[] outputs, Tensor[] inputs, Tensor[] direction, bool createGraph)
    {
        using var scope = NewDisposeScope();
        var terms = outputs
            .Zip(direction, (output, part) => (output, part))
            .Where(pair => pair.output.requires_grad)
            .Select(pair => (pair.output * pair.part).sum())
            .ToArray();
        var gradients =
            terms.Length == 0
                ? [.. inputs.Select(input => zeros_like(input))]
                : Core.Gradient.Of(terms.Aggregate((a, b) => a + b), inputs, createGraph, retainGraph: true);
        scope.MoveToOuter(gradients);
        return gradients;
    }
}
