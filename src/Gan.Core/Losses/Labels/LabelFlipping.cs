namespace Gan.Core;

/// <summary>
/// Label flipping: in the discriminator's turn each point, real or generated, bears the other label with a probability. The
/// generator's loss is the inner one's.
/// </summary>
/// <remarks>Chintala et al., 2016, "How to train a GAN".</remarks>
public sealed record LabelFlipping : IAdversarialLoss
{
    /// <summary>The loss whose labels are flipped.</summary>
    public required PointwiseLoss Inner { get; init; }

    /// <summary>The probability of the other label.</summary>
    public double Probability
    {
        get;
        init => field = Require.InRange(value, 0, 1);
    } = 0.1;

    /// <inheritdoc/>
    public Term Discriminator(LossInput input) =>
        new(
            Flipped(input.Real.Logits, Inner.OnReal, Inner.OnFake, input.Key.Derive("real"))
                + Flipped(input.Fake.Logits, Inner.OnFake, Inner.OnReal, input.Key.Derive("fake"))
        );

    /// <inheritdoc/>
    public Term Generator(LossInput input) => Inner.Generator(input);

    Tensor Flipped(Tensor logits, Func<Tensor, Tensor> right, Func<Tensor, Tensor> wrong, RandomKey key)
    {
        var flipped = key.BernoulliLike(logits, Probability);
        return (right(logits) * (1 - flipped) + wrong(logits) * flipped).mean();
    }
}
