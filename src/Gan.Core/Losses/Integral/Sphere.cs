namespace Gan.Core;

/// <summary>
/// Sphere GAN: the discriminator's outputs h in R^k are taken to the sphere by the inverse stereographic projection, where the
/// distance to the north pole is d = arccos((|h|^2 - 1)/(|h|^2 + 1)) = pi - 2 arctan |h|. Discriminator E m(G(z)) - E m(x), generator
/// -E m(G(z)), with the moments m = d + d^2 + … + d^Moments.
/// </summary>
/// <remarks>Park and Kwon, 2019. Real points are drawn to the south pole: |h| is small on them.</remarks>
public sealed record Sphere : IAdversarialLoss
{
    /// <inheritdoc/>
    public bool RanksPoints => false;

    /// <summary>The number of moments; 3 in the paper.</summary>
    public int Moments
    {
        get;
        init => field = Require.Positive(value);
    } = 3;

    /// <inheritdoc/>
    public Term Discriminator(LossInput input) => new(MeanMoments(input.Fake.Logits) - MeanMoments(input.Real.Logits));

    /// <inheritdoc/>
    public Term Generator(LossInput input) => new(MeanMoments(input.Fake.Logits).neg());

    Tensor MeanMoments(Tensor output)
    {
        var distance = Math.PI - Matrices.RowLengths(output).atan() * 2;
        // Horner's scheme: d (1 + d (1 + d)).
        var sum = distance;
        for (var moment = 1; moment < Moments; moment++)
            sum = (sum + 1) * distance;
        return sum.mean();
    }
}
