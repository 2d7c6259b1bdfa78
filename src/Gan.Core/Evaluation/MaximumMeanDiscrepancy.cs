namespace Gan.Core;

/// <summary>
/// The squared maximum mean discrepancy of two samples under the Gaussian kernel k(x, y) = exp(-|x - y|^2 / (2 s^2)):
/// the unbiased estimate, which may fall below zero, with s the median distance within the first sample.
/// </summary>
/// <remarks>Gretton et al., 2012, equation 3 and section 8.</remarks>
public static class MaximumMeanDiscrepancy
{
    /// <summary>The estimate for two [n, d] samples of at least two points each.</summary>
    public static double Squared(Tensor first, Tensor second)
    {
        Require.Shape(second, [(int)first.size(1)], "The maximum mean discrepancy");
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        var x = first.to_type(ScalarType.Float64);
        var y = second.to_type(ScalarType.Float64);
        var within = Distances(x, x);
        var (ordered, _) = sort(within.flatten(), 0);
        // The diagonal's zeros stand first; the median is of the others.
        var median = ordered.select(0, x.size(0) + (ordered.numel() - x.size(0)) / 2).item<double>();
        var scale = -0.5 / Math.Max(median, 1e-300);
        return Mean(within, scale)
            + Mean(Distances(y, y), scale)
            - 2 * (Distances(x, y) * scale).exp().mean().item<double>();
    }

    static Tensor Distances(Tensor a, Tensor b) =>
        (a.square().sum([1], keepdim: true) + b.square().sum([1], keepdim: true).t() - 2 * a.mm(b.t())).clamp(min: 0);

    // The mean over pairs of different points: the diagonal's ones are taken out.
    static double Mean(Tensor distances, double scale)
    {
        var n = distances.size(0);
        if (n < 2)
            throw new ArgumentException("The maximum mean discrepancy needs at least two points of each sample.");
        return ((distances * scale).exp().sum().item<double>() - n) / (n * (n - 1.0));
    }
}
