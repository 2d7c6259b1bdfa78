namespace Gan.Core;

/// <summary>Distances between the discriminator's outputs on pairs of points, which discrepancies of samples are made of.</summary>
internal static class PairDistances
{
    /// <summary>[n, m]: squared distances between the rows of two outputs, [n] or [n, k] and [m] or [m, k].</summary>
    public static Tensor Squared(Tensor a, Tensor b) =>
        (a.reshape(a.size(0), 1, -1) - b.reshape(1, b.size(0), -1)).square().sum([2]);

    /// <summary>[n, m]: distances, sqrt(squares + 1e-12): a bare root has no slope at zero.</summary>
    public static Tensor Plain(Tensor a, Tensor b) => (Squared(a, b) + 1e-12).sqrt();

    /// <summary>The mean over pairs i != j of an [n, n] table.</summary>
    public static Tensor MeanOfOthers(Tensor table)
    {
        var count = table.size(0);
        if (count < 2)
            throw new ArgumentException(
                $"A mean over pairs of different points needs at least two of them; got a batch of {count}."
            );
        return (table.sum() - (table * Matrices.Identity(count, table)).sum()) * (1.0 / (count * (count - 1)));
    }
}
