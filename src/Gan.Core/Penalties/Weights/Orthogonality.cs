namespace Gan.Core;

/// <summary>
/// Orthogonal regularisation: Weight sum over weights of |W W^T - I|_F^2, W as a matrix of [outputs, rest]; without the
/// diagonal, |(W W^T) o (1 - I)|_F^2, which leaves the rows' lengths free. Weights of one dimension are left alone.
/// </summary>
/// <remarks>Brock et al., 2017; without the diagonal, Brock, Donahue and Simonyan, 2019 (BigGAN), whose weight is 1e-4.</remarks>
public sealed record Orthogonality(double Weight) : IPenalty
{
    /// <summary>The weight, beta in the papers.</summary>
    public double Weight
    {
        get;
        init => field = Require.NotNegative(value);
    } = Require.NotNegative(Weight);

    /// <summary>Whether rows are also drawn to length 1.</summary>
    public bool Diagonal { get; init; }

    /// <inheritdoc/>
    public bool ReadsReal => false;

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input)
    {
        var sum = zeros([], input.Weights[0].Tensor.dtype, input.Weights[0].Tensor.device);
        foreach (var entry in input.Weights)
            if (entry.Tensor.ndim > 1)
                sum = sum + Excess(entry.Tensor.flatten(1));
        return sum * Weight;
    }

    Tensor Excess(Tensor rows)
    {
        var products = rows.matmul(rows.t());
        var index = arange(rows.size(0), ScalarType.Int64, rows.device);
        var same = index.unsqueeze(1).eq(index.unsqueeze(0)).to_type(rows.dtype);
        return (Diagonal ? products - same : products * (1 - same)).square().sum();
    }
}
