namespace Gan.Core;

/// <summary>A player's gradients before and after a step.</summary>
/// <param name="Player">The player.</param>
/// <param name="Norm">|g| before the step.</param>
/// <param name="Cosine">The cosine of the angle between g before and after: near 1 it goes straight on, below 0 it turns back.</param>
public sealed record GradientTurn(string Player, double Norm, double Cosine);

/// <summary>How straight players go from step to step.</summary>
public static class GradientCosine
{
    /// <summary>The players' gradients at a state and at the one a step later, each on its own batches.</summary>
    /// <param name="game">The game.</param>
    /// <param name="state">The state.</param>
    /// <param name="here">The batches of the step.</param>
    /// <param name="next">Those of the step after it.</param>
    public static IReadOnlyList<GradientTurn> Of(
        Game game,
        GameState state,
        IReadOnlyList<Batch> here,
        IReadOnlyList<Batch> next
    )
    {
        using var scope = NewDisposeScope();
        var later = Step.Run(game, state, here).State;
        var before = VectorField.At(game, state, here);
        var after = VectorField.At(game, later, next);
        return
        [
            .. before.Blocks.Select(block =>
            {
                var a = before.Value.narrow(0, block.Start, block.Length);
                var b = after.Value.narrow(0, block.Start, block.Length);
                return new GradientTurn(block.Player, Vectors.Norm(a), Vectors.Cosine(a, b));
            }),
        ];
    }
}
