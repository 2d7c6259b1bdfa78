namespace Gan.Core;

/// <summary>
/// The multi-class hinge loss, for labeled data of K classes and a discriminator of K + 1 logits, the last for generated points:
/// with m_k(u) = D_k(u) - max over j != k of D_j(u), discriminator E max(0, 1 - m_y(x)) + E max(0, 1 - m_(K+1)(G(z))), where y is the
/// label of x; generator E max(0, 1 + m_(K+1)(G(z))). For one class it is the hinge of a difference of two logits.
/// </summary>
/// <remarks>Kavalerov, Czaja and Chellappa, 2021, with the margins of Crammer and Singer, 2001.</remarks>
public sealed record MultiHinge : IAdversarialLoss
{
    /// <inheritdoc/>
    public bool RanksPoints => false;

    /// <inheritdoc/>
    public bool ReadsLabels => true;

    /// <inheritdoc/>
    public Term Discriminator(LossInput input)
    {
        var real = Classes(input.Real.Logits);
        var labels = input.Labels ?? throw RefusedException.For(RefusalReason.NeedsLabels, "The multi-class hinge");
        if (labels.numel() != real.size(0))
            throw new ArgumentException(
                $"There must be one label for each row of logits; got {labels.Describe()} for {real.Describe()}."
            );
        return new((1 - Margins(real, labels)).relu().mean() + (1 - FakeMargins(input.Fake)).relu().mean());
    }

    /// <inheritdoc/>
    public Term Generator(LossInput input) => new((1 + FakeMargins(input.Fake)).relu().mean());

    static Tensor FakeMargins(DiscriminatorOutput fake)
    {
        var logits = Classes(fake.Logits);
        var last = logits.size(1) - 1;
        return logits.select(1, last) - logits.narrow(1, 0, last).amax([1]);
    }

    // Each row's logit at its label less the largest of the others.
    static Tensor Margins(Tensor logits, Tensor labels)
    {
        var index = arange(logits.size(1), ScalarType.Int64, logits.device).unsqueeze(0);
        var own = index.eq(labels.unsqueeze(1));
        var others = logits.masked_fill(own, double.NegativeInfinity).amax([1]);
        return (logits * own.to_type(logits.dtype)).sum([1]) - others;
    }

    static Tensor Classes(Tensor logits) =>
        logits.ndim == 2 && logits.size(1) > 1
            ? logits
            : throw new ArgumentException(
                $"The multi-class hinge needs [batch, classes + 1] logits; got {logits.Describe()}."
            );
}
