namespace Gan.Core;

/// <summary>Eigenvalues, which say how a game moves near a state.</summary>
public static class Spectrum
{
    /// <summary>The eigenvalues of a square matrix, the one of largest absolute value first.</summary>
    /// <param name="matrix">[n, n], real.</param>
    public static IReadOnlyList<Complex> Of(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        return
        [
            .. TensorData
                .ToArray<Complex>(linalg.eigvals(matrix.to_type(ScalarType.Float64)))
                .OrderByDescending(value => value.Magnitude)
                .ThenByDescending(value => value.Imaginary),
        ];
    }
}
