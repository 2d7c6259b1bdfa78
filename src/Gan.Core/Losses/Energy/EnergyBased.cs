namespace Gan.Core;

/// <summary>
/// The energy-based loss, for a discriminator that is an autoencoder of energy e(x) = mean (x - Dec(Enc(x)))^2: discriminator E e(x) +
/// E max(0, Margin - e(G(z))); generator E e(G(z)) + PullAway P, where P = 1/(n (n - 1)) sum over i != j of
/// cos^2(s_i, s_j) of the codes s of generated points keeps them apart.
/// </summary>
/// <remarks>Zhao, Mathieu and LeCun, 2017: EBGAN, and with the pulling-away term EBGAN-PT.</remarks>
public sealed record EnergyBased : IAdversarialLoss
{
    /// <summary>The energy above which a generated point costs the discriminator nothing.</summary>
    public double Margin
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>The weight of the pulling-away term; 0.1 in the paper.</summary>
    public double PullAway
    {
        get;
        init => field = Require.NotNegative(value);
    }

    /// <inheritdoc/>
    public OutputParts Reads => OutputParts.Reconstruction | OutputParts.Features;

    /// <inheritdoc/>
    public Term Discriminator(LossInput input) =>
        new(Energies(input.Real).mean() + (Margin - Energies(input.Fake)).relu().mean());

    /// <inheritdoc/>
    public Term Generator(LossInput input)
    {
        var energy = Energies(input.Fake).mean();
        return new(PullAway == 0 ? energy : energy + PullingAway(input.Fake.NeedFeatures()) * PullAway);
    }

    static Tensor Energies(DiscriminatorOutput output) => output.NeedResiduals().square().mean([1]);

    static Tensor PullingAway(Tensor codes)
    {
        var count = codes.size(0);
        if (count < 2)
            throw new ArgumentException($"The pulling-away term needs at least two points; got {codes.Describe()}.");
        var products = codes.mm(codes.transpose(0, 1)).square();
        var lengths = codes.square().sum([1]) + 1e-12;
        // Each point with itself is cos^2 = 1, up to the 1e-12.
        var cosines = products / (lengths.unsqueeze(1) * lengths.unsqueeze(0));
        return (cosines.sum() - count) * (1.0 / (count * (count - 1)));
    }
}
