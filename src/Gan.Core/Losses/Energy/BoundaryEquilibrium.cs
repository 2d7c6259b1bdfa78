namespace Gan.Core;

/// <summary>
/// BEGAN, for a discriminator that is an autoencoder of error a(x) = mean |x - Dec(Enc(x))|: discriminator E a(x) - k E a(G(z));
/// generator E a(G(z)). Its state is the balance k, from 0: k' = k + Gain (Diversity E a(x) - E a(G(z))), in [0, 1].
/// </summary>
/// <remarks>Berthelot, Schumm and Metz, 2017.</remarks>
public sealed record BoundaryEquilibrium : IAdversarialLoss
{
    const string Balance = "balance";

    /// <summary>gamma: the ratio of errors on generated and real points that k is steered to; low for quality, high for diversity.</summary>
    public double Diversity
    {
        get;
        init => field = Require.InRange(value, 0, 1);
    } = 0.5;

    /// <summary>lambda: how fast k follows.</summary>
    public double Gain
    {
        get;
        init => field = Require.NotNegative(value);
    } = 1e-3;

    /// <inheritdoc/>
    public OutputParts Reads => OutputParts.Reconstruction;

    /// <inheritdoc/>
    public ParameterTree Init(ScalarType dtype) => ParameterTree.FromTensors([new(Balance, zeros([], dtype))]);

    /// <inheritdoc/>
    public Term Discriminator(LossInput input)
    {
        var (real, fake) = (Error(input.Real), Error(input.Fake));
        var excess = real.detach() * Diversity - fake.detach();
        return new Term(real - input.State[Balance] * fake)
        {
            State = input.State.Map(balance => (balance + excess * Gain).clamp(0, 1)),
            // M of the paper: low where generated points are reconstructed as well as real ones, and k rests.
            Measurements = new([new("convergence", real.detach() + excess.abs())]),
        };
    }

    /// <inheritdoc/>
    public Term Generator(LossInput input) => new(Error(input.Fake));

    static Tensor Error(DiscriminatorOutput output) => output.NeedResiduals().abs().mean();
}
