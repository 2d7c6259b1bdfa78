namespace Gan.Core;

/// <summary>An eigenvalue, and how far from one it may be: |A x - lambda x| for a unit x.</summary>
public sealed record Eigenvalue(Complex Value, double Residual);

/// <summary>Leading eigenvalues of a linear operator that is known by its products with vectors alone.</summary>
public static class Arnoldi
{
    /// <summary>
    /// The eigenvalues of largest absolute value, of the operator on the Krylov space of a random vector: with as many
    /// dimensions as the operator they are exact, and with fewer the outermost come first.
    /// </summary>
    /// <param name="product">A v, for a vector v.</param>
    /// <param name="draw">A random vector of a key, of the operator's length.</param>
    /// <param name="key">What the space begins with.</param>
    /// <param name="count">How many eigenvalues to return.</param>
    /// <param name="dimensions">The dimensions of the space, each of which takes one product.</param>
    public static IReadOnlyList<Eigenvalue> Leading(
        Func<Tensor, Tensor> product,
        Func<RandomKey, Tensor> draw,
        RandomKey key,
        int count,
        int dimensions
    )
    {
        using var scope = NewDisposeScope();
        var first = draw(key.Derive(0));
        dimensions = (int)Math.Min(dimensions, first.numel());
        var basis = new List<Tensor> { first / Vectors.Norm(first) };
        var projected = new double[dimensions, dimensions];
        double rest = 0;
        for (var size = 1; ; size++)
        {
            var image = product(basis[^1]).detach();
            var length = Vectors.Norm(image);
            (image, var projections) = Orthogonal(image, basis);
            for (var row = 0; row < size; row++)
                projected[row, size - 1] = projections[row];
            rest = Vectors.Norm(image);
            if (size == dimensions)
                break;
            if (rest > 1e-12 * length)
            {
                projected[size, size - 1] = rest;
                basis.Add(image / rest);
            }
            else
            {
                // The space is closed under the operator; what it lacks is found from another start.
                var (other, _) = Orthogonal(draw(key.Derive(size)), basis);
                basis.Add(other / Vectors.Norm(other));
            }
        }
        return Ritz(projected, dimensions == first.numel() ? 0 : rest, count);
    }

    // The vector without its parts along the basis, and those parts. Twice is enough: once leaves what rounding has mixed in.
    static (Tensor Vector, double[] Projections) Orthogonal(Tensor vector, List<Tensor> basis)
    {
        using var scope = NewDisposeScope();
        var all = stack([.. basis]);
        var sum = new double[basis.Count];
        for (var pass = 0; pass < 2; pass++)
        {
            var projections = all.mv(vector);
            var parts = TensorData.ToArray<double>(projections.to_type(ScalarType.Float64));
            sum = [.. sum.Zip(parts, (a, b) => a + b)];
            vector = vector - all.t().mv(projections);
        }
        return (scope.MoveToOuter(vector), sum);
    }

    static IReadOnlyList<Eigenvalue> Ritz(double[,] projected, double rest, int count)
    {
        var (values, vectors) = linalg.eig(tensor(projected));
        var last = TensorData.ToArray<Complex>(vectors.select(0, projected.GetLength(0) - 1));
        return
        [
            .. TensorData
                .ToArray<Complex>(values)
                .Zip(last, (value, end) => new Eigenvalue(value, rest * end.Magnitude))
                .OrderByDescending(found => found.Value.Magnitude)
                .ThenByDescending(found => found.Value.Imaginary)
                .Take(count),
        ];
    }
}
