namespace Gan.Core;

/// <summary>A player's part of a vector of all weights.</summary>
/// <param name="Player">The player's name.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="Length">Its length.</param>
public sealed record FieldBlock(string Player, int Start, int Length);

/// <summary>
/// The vector field of a game at a state, v = -g: each player's negative gradient of its own objective, as one vector of
/// [weights], and the products of its Jacobian v' with vectors. It lives in the scope that it was made in.
/// </summary>
public sealed class VectorField
{
    // Second-order rules take it as the simultaneous gradient g, a differentiable function of all weights w, with
    // H = dg/dw the game's Hessian. Their directions are one tensor per weight, in the order of Weights.
    readonly StepInput input;
    readonly ImmutableArray<TurnGradients> turns;
    Tensor[]? free;
    Tensor[]? transposed;

    /// <summary>The field at the state before a step.</summary>
    internal VectorField(StepInput input)
    {
        this.input = input;
        var players = input.State.Players.ToDictionary(player => player.Name, player => player.Network.WithLeaves());
        turns =
        [
            .. input.Game.Turns.Select(
                (_, turn) =>
                    Turns.Gradients(input, input.State, players, turn, 0, input.BatchOf(turn, 0), createGraph: true)
            ),
        ];
        NamedTree[] all = [.. turns.SelectMany(turn => turn.Gradients)];
        Weights = [.. all.SelectMany(moved => players[moved.Name].Weights.ToArray())];
        Gradient = [.. all.SelectMany(moved => moved.Tree.ToArray())];
        Players = [.. all.SelectMany(moved => Enumerable.Repeat(moved.Name, moved.Tree.Count))];
    }

    /// <summary>The players' parts, in order.</summary>
    public ImmutableArray<FieldBlock> Blocks => field.IsDefault ? field = PartsOfPlayers() : field;

    /// <summary>The number of weights.</summary>
    public int Length => Blocks[^1].Start + Blocks[^1].Length;

    /// <summary>[Length]: the field itself.</summary>
    public Tensor Value => Flat(Gradient).detach().neg();

    /// <summary>The weights that some turn moves, as leaves.</summary>
    internal Tensor[] Weights { get; }

    /// <summary>The gradient of each weight's own turn, with its graph.</summary>
    internal Tensor[] Gradient { get; }

    /// <summary>For each weight the player it belongs to.</summary>
    internal string[] Players { get; }

    /// <summary>The field of a game at a state, on given batches.</summary>
    public static VectorField At(Game game, GameState state, IReadOnlyList<Batch> batches)
    {
        var field = new VectorField(new StepInput(game, state, batches, Measure: false));
        field.Prepare();
        return field;
    }

    /// <summary>v' u, for u of [Length].</summary>
    public Tensor Product(Tensor direction) => Flat(Product(Parts(direction))).neg();

    /// <summary>v'^T u, for u of [Length].</summary>
    public Tensor TransposedProduct(Tensor direction) => Flat(TransposedProduct(Parts(direction))).neg();

    /// <summary>H u: H^T x is linear in x, and its gradient along u is H u, wherever x is.</summary>
    internal Tensor[] Product(Tensor[] direction)
    {
        Prepare();
        return Along(transposed!, free!, direction, createGraph: false);
    }

    /// <summary>H^T u.</summary>
    internal Tensor[] TransposedProduct(Tensor[] direction) => Along(Gradient, Weights, direction, createGraph: false);

    /// <summary>The step in which all players move along another direction than the gradient.</summary>
    internal StepResult Move(Tensor[] direction)
    {
        var parts = new Queue<Tensor>(Detached(direction));
        return Turns.MoveAll(input, input.State, [.. turns.Select(turn => turn.WithTrees(Next))]);

        ParameterTree Next(NamedTree moved, int player) => moved.Tree.Map(_ => parts.Dequeue());
    }

    /// <summary>The direction with the parts of all other players set to zero.</summary>
    internal Tensor[] Only(Tensor[] direction, string player) =>
        [.. direction.Select((part, i) => Players[i] == player ? part : zeros_like(part))];

    /// <summary>The direction without a graph.</summary>
    internal static Tensor[] Detached(Tensor[] direction) => [.. direction.Select(part => part.detach())];

    /// <summary>The inner product of two directions.</summary>
    internal static double Dot(Tensor[] a, Tensor[] b) =>
        a.Zip(b, (x, y) => (x * y).sum().to_type(ScalarType.Float64)).Aggregate((x, y) => x + y).item<double>();

    /// <summary>a + factor b, part by part.</summary>
    internal static Tensor[] Add(Tensor[] a, Tensor[] b, double factor) =>
        [.. a.Zip(b, (x, y) => x.detach() + y.detach() * factor)];

    // Makes what all products share, in the scope that they are made in or an outer one.
    void Prepare()
    {
        free ??= [.. Gradient.Select(part => Core.Gradient.Leaf(zeros_like(part)))];
        transposed ??= Along(Gradient, Weights, free, createGraph: true);
    }

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

    ImmutableArray<FieldBlock> PartsOfPlayers()
    {
        var blocks = ImmutableArray.CreateBuilder<FieldBlock>();
        var start = 0;
        foreach (var (weight, player) in Weights.Zip(Players))
        {
            var length = (int)weight.numel();
            if (blocks.Count > 0 && blocks[^1].Player == player)
                blocks[^1] = blocks[^1] with { Length = blocks[^1].Length + length };
            else
                blocks.Add(new FieldBlock(player, start, length));
            start += length;
        }
        return blocks.ToImmutable();
    }

    static Tensor Flat(Tensor[] parts) => cat([.. parts.Select(part => part.reshape(-1))]);

    Tensor[] Parts(Tensor flat)
    {
        var parts = flat.split([.. Weights.Select(weight => weight.numel())]);
        return [.. parts.Zip(Weights, (part, weight) => part.reshape(weight.shape))];
    }
}
