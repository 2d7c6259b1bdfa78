namespace Gan.Core;

/// <summary>What several formulas over rows and pairs of rows share.</summary>
internal static class Matrices
{
    /// <summary>[size, size]: ones on the diagonal, of the element type and device of another tensor.</summary>
    public static Tensor Identity(long size, Tensor like) => eye(size, dtype: like.dtype, device: like.device);

    /// <summary>[batch]: the rows' lengths, sqrt(sum of squares + 1e-12): a bare root has no slope at zero.</summary>
    public static Tensor RowLengths(Tensor rows) => (rows.reshape(rows.size(0), -1).square().sum([1]) + 1e-12).sqrt();
}
