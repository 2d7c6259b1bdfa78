namespace Gan.Core;

/// <summary>
/// Orthogonal regularization: Coefficient sum over layers of |(W W^T) o (1 - I)|_F^2, W the layer's weight as a matrix of
/// [outputs, rest], which leaves the rows' lengths free; with the diagonal, |W W^T - I|_F^2. Gains of normalizations are left
/// alone.
/// </summary>
/// <remarks>
/// Brock, Donahue and Simonyan, 2019 (BigGAN), with a coefficient of 1e-4.
/// </remarks>
public sealed record Orthogonality : Proportional, IPenalty
{
    /// <summary>With a coefficient of 1e-4: beta in the papers.</summary>
    public Orthogonality() => Coefficient = 1e-4;

    /// <summary>Whether rows are also drawn to length 1.</summary>
    public bool Diagonal { get; init; }

    /// <inheritdoc/>
    public bool ReadsReal => false;

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        Tensor[] matrices = [.. input.Player.Network.Matrices(input.Player.State.Weights).Select(own => own.Tensor)];
        return matrices.Length > 0
            ? new(matrices.Select(Excess).Aggregate((a, b) => a + b) * Coefficient)
            : throw new ArgumentException(
                $"Orthogonality needs a network that offers its weights as matrices; {input.Player.Network.GetType().Name} offers none."
            );
    }

    Tensor Excess(Tensor rows)
    {
        var products = rows.mm(rows.t());
        var same = Matrices.Identity(rows.size(0), rows);
        return (Diagonal ? products - same : products * (1 - same)).square().sum();
    }
}
