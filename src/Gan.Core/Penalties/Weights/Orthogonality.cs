namespace Gan.Core;

/// <summary>
/// Orthogonal regularization: Coefficient sum over layers of |(W W^T) o (1 - I)|_F^2, W the layer's weight as a matrix of
/// [outputs, rest], which leaves the rows' lengths free; with the diagonal, |W W^T - I|_F^2. Gains of normalizations are left
/// alone: a gain has the shape of its bias.
/// </summary>
/// <param name="Coefficient">The coefficient, beta in the papers.</param>
/// <remarks>
/// Brock, Donahue and Simonyan, 2019 (BigGAN), whose weight is 1e-4. A bias of another length than the weight's first
/// dimension tells a transposed convolution, whose outputs are the second.
/// </remarks>
public sealed record Orthogonality(double Coefficient) : Proportional(Coefficient), IPenalty
{
    /// <summary>Whether rows are also drawn to length 1.</summary>
    public bool Diagonal { get; init; }

    /// <inheritdoc/>
    public bool ReadsReal => false;

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input)
    {
        var sum = zeros([], input.Weights[0].Tensor.dtype, input.Weights[0].Tensor.device);
        foreach (var entry in input.Weights)
            if (Matrix(entry, input.Weights) is { } matrix)
                sum = sum + Excess(matrix);
        return sum * Coefficient;
    }

    static Tensor? Matrix(NamedTensor entry, ParameterTree weights)
    {
        const string name = "weight";
        if (!entry.Path.EndsWith(name, StringComparison.Ordinal) || entry.Tensor.ndim < 2)
            return null;
        var bias = entry.Path[..^name.Length] + "bias";
        if (!weights.Contains(bias))
            return entry.Tensor.flatten(1);
        var outputs = weights[bias];
        if (outputs.shape.SequenceEqual(entry.Tensor.shape))
            return null;
        var transposed = outputs.size(0) != entry.Tensor.size(0) && outputs.size(0) == entry.Tensor.size(1);
        return (transposed ? entry.Tensor.transpose(0, 1) : entry.Tensor).flatten(1);
    }

    Tensor Excess(Tensor rows)
    {
        var products = rows.mm(rows.t());
        var same = Matrices.Identity(rows.size(0), rows);
        return (Diagonal ? products - same : products * (1 - same)).square().sum();
    }
}
