namespace Gan.Core;

/// <summary>
/// The real step of a game as a function from R^n to R^n: everything in the state that feeds back (weights, buffers, what
/// optimizers, objectives and the rule carry; not averages) as one vector, on given batches.
/// </summary>
public static class StepOperator
{
    /// <summary>The vector of a state: its tensors' elements, player by player, in the order of their paths.</summary>
    public static IReadOnlyList<double> ToVector(GameState state) =>
        [.. WithoutAverages(state).Tensors.SelectMany(Elements)];

    /// <summary>The state with the numbers of a vector; all else stays.</summary>
    /// <exception cref="ArgumentException">The vector has another length than the state's.</exception>
    public static GameState WithVector(GameState state, IReadOnlyList<double> vector)
    {
        var moving = WithoutAverages(state);
        var length = moving.Tensors.Sum(part => part.numel());
        if (vector.Count != length)
            throw new ArgumentException($"The state has {length} numbers; the vector has {vector.Count}.");
        var start = 0;
        var moved = moving.Map(Next);
        return moved with
        {
            Players = [.. moved.Players.Zip(state.Players, (player, own) => player with { Average = own.Average })],
        };

        Tensor Next(Tensor like)
        {
            var values = vector.Skip(start).Take((int)like.numel()).ToArray();
            start += values.Length;
            return tensor(values, like.shape).to_type(like.dtype).On(like.device);
        }
    }

    /// <summary>
    /// [n, n] float64: the Jacobian of <paramref name="steps"/> steps at a state, by central differences of the real step.
    /// It takes 2 n steps for each: for small games. A fixed point attracts where all eigenvalues of one step there, by
    /// <see cref="Spectrum.Of"/>, are inside the unit circle.
    /// </summary>
    /// <param name="game">A game in float64: differences of float32 are noise.</param>
    /// <param name="state">Where.</param>
    /// <param name="batches">The batches of each step, the same for all.</param>
    /// <param name="steps">How many steps the operator is of.</param>
    /// <param name="epsilon">Half the distance of a difference: 1e-5 is good where the state is of the order of 1.</param>
    public static Tensor Jacobian(Game game, GameState state, IReadOnlyList<Batch> batches, int steps, double epsilon)
    {
        if (game.Dtype != ScalarType.Float64)
            throw new ArgumentException($"The Jacobian of a step is taken in Float64; this game is in {game.Dtype}.");
        var at = ToVector(state).ToArray();
        var n = at.Length;
        var jacobian = new double[n * n];
        for (var column = 0; column < n; column++)
        {
            var above = Image(column, epsilon);
            var below = Image(column, -epsilon);
            for (var row = 0; row < n; row++)
                jacobian[row * n + column] = (above[row] - below[row]) / (2 * epsilon);
        }
        return tensor(jacobian, [n, n]);

        IReadOnlyList<double> Image(int column, double change)
        {
            using var scope = NewDisposeScope();
            var moved = at.ToArray();
            moved[column] += change;
            var result = WithVector(state, moved);
            for (var step = 0; step < steps; step++)
                result = Step.Run(game, result, batches).State;
            return ToVector(result);
        }
    }

    static GameState WithoutAverages(GameState state) =>
        state with
        {
            Players = [.. state.Players.Select(player => player with { Average = LayerState.Empty })],
        };

    static double[] Elements(Tensor tensor) => TensorData.ToArray<double>(tensor.detach().to_type(ScalarType.Float64));
}
