namespace Gan.Core;

/// <summary>The field at a point of the line from one state to another.</summary>
/// <param name="Fraction">Where: 0 at the first state, 1 at the second; beyond, on the line's continuation.</param>
/// <param name="Cosine">The cosine of the angle between the field v and the line.</param>
/// <param name="Norm">|v|.</param>
public sealed record PathPoint(double Fraction, double Cosine, double Norm);

/// <summary>
/// Path angles: where v points toward the second state before it and back to it after, that is a point of attraction, and
/// where the angle swings through a bump the game turns around it.
/// </summary>
/// <remarks>Berard et al., 2020, section 4.</remarks>
public static class PathAngle
{
    /// <summary>The angles at some fractions of the way between two states of a game, on given batches.</summary>
    public static IReadOnlyList<PathPoint> Along(
        Game game,
        GameState first,
        GameState second,
        IReadOnlyList<Batch> batches,
        IReadOnlyList<double> fractions
    )
    {
        using var scope = NewDisposeScope();
        var line = Flat(second) - Flat(first);
        return
        [
            .. fractions.Select(fraction =>
            {
                using var inner = NewDisposeScope();
                var between = second.WithWeights(player =>
                    first.Player(player.Name).Network.Weights.Toward(player.Network.Weights, fraction)
                );
                var field = VectorField.At(game, between, batches).Value;
                return new PathPoint(fraction, Vectors.Cosine(field, line), Vectors.Norm(field));
            }),
        ];

        // In the order of the field: the players as turns move them.
        Tensor Flat(GameState state) =>
            cat([
                .. game
                    .Turns.SelectMany(turn => turn.Players)
                    .SelectMany(name => state.Player(name).Network.Weights.ToArray())
                    .Select(weight => weight.reshape(-1)),
            ]);
    }
}
