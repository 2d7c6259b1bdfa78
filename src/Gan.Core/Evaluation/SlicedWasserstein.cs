namespace Gan.Core;

/// <summary>
/// The sliced Wasserstein-2 distance of two samples: the root of the mean, over random directions, of the mean squared
/// difference of the sorted projections.
/// </summary>
/// <remarks>Rabin, Peyré, Delon and Bernot, 2011. In the unit of the data; zero for equal samples.</remarks>
public static class SlicedWasserstein
{
    /// <summary>The distance of two [n, d] samples, over as many directions, drawn from the key.</summary>
    public static double Distance(Tensor first, Tensor second, int directions, RandomKey key)
    {
        Require.Shape(second, [(int)first.size(1)], "The sliced Wasserstein distance");
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var count = Math.Min(first.size(0), second.size(0));
        var normal = key.Normal(ScalarType.Float64, (int)first.size(1), directions);
        var unit = normal * (normal.square().sum([0], keepdim: true) + 1e-300).rsqrt();
        var (a, _) = sort(first.narrow(0, 0, count).to_type(ScalarType.Float64).mm(unit), 0);
        var (b, _) = sort(second.narrow(0, 0, count).to_type(ScalarType.Float64).mm(unit), 0);
        return Math.Sqrt((a - b).square().mean().item<double>());
    }
}
