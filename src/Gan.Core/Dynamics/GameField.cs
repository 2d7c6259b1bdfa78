using System.Collections.Immutable;

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
public sealed class GameField
{
    readonly Field field;
    readonly long[][] shapes;

    GameField(Field field, ImmutableArray<FieldBlock> blocks)
    {
        this.field = field;
        Blocks = blocks;
        shapes = [.. field.Weights.Select(weight => weight.shape)];
    }

    /// <summary>The players' parts, in order.</summary>
    public ImmutableArray<FieldBlock> Blocks { get; }

    /// <summary>The number of weights.</summary>
    public int Length => Blocks[^1].Start + Blocks[^1].Length;

    /// <summary>[Length]: the field itself.</summary>
    public Tensor Value => Flat(this.field.Gradient).detach().neg();

    /// <summary>The field of a game at a state, on given batches.</summary>
    public static GameField At(Game game, GameState state, IReadOnlyList<Batch> batches)
    {
        var input = new StepInput(game, state, batches, Measure: false);
        var field = Field.At(input, state);
        field.Prepare();
        var blocks = ImmutableArray.CreateBuilder<FieldBlock>();
        for (var i = 0; i < field.Weights.Length; i++)
        {
            var player = state.Players[field.Players[i]].Name;
            var length = (int)field.Weights[i].numel();
            var end = blocks.Count == 0 ? 0 : blocks[^1].Start + blocks[^1].Length;
            if (blocks.Count > 0 && blocks[^1].Player == player)
                blocks[^1] = blocks[^1] with { Length = blocks[^1].Length + length };
            else
                blocks.Add(new FieldBlock(player, end, length));
        }
        return new GameField(field, blocks.ToImmutable());
    }

    /// <summary>v' u, for u of [Length].</summary>
    public Tensor Product(Tensor direction) => Flat(field.Product(Parts(direction))).neg();

    /// <summary>v'^T u, for u of [Length].</summary>
    public Tensor TransposedProduct(Tensor direction) => Flat(field.TransposedProduct(Parts(direction))).neg();

    static Tensor Flat(Tensor[] parts) => cat([.. parts.Select(part => part.reshape(-1))]);

    Tensor[] Parts(Tensor flat)
    {
        var start = 0L;
        return
        [
            .. shapes.Select(shape =>
            {
                var length = shape.Aggregate(1L, (a, b) => a * b);
                var part = flat.narrow(0, start, length).reshape(shape);
                start += length;
                return part;
            }),
        ];
    }
}
