using System.Numerics;

namespace Gan.Core;

/// <summary>Eigenvalues, which say how a game moves near a state.</summary>
public static class Spectrum
{
    /// <summary>The eigenvalues of a square matrix, the one of largest absolute value first.</summary>
    /// <param name="matrix">[n, n], real.</param>
    public static IReadOnlyList<Complex> Of(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var parts = TensorData.ToArray<double>(view_as_real(linalg.eigvals(matrix.to_type(ScalarType.Float64))));
        return
        [
            .. Enumerable
                .Range(0, parts.Length / 2)
                .Select(i => new Complex(parts[2 * i], parts[2 * i + 1]))
                .OrderByDescending(value => value.Magnitude)
                .ThenByDescending(value => value.Imaginary),
        ];
    }

    /// <summary>
    /// The eigenvalues of the real step at a state, on given batches: a fixed point attracts where all are inside the unit
    /// circle. See <see cref="StepOperator.Jacobian"/>.
    /// </summary>
    public static IReadOnlyList<Complex> OfStep(Game game, GameState state, IReadOnlyList<Batch> batches)
    {
        using var scope = NewDisposeScope();
        return Of(StepOperator.Jacobian(game, state, batches, steps: 1, epsilon: 1e-5));
    }
}
