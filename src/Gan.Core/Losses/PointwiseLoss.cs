namespace Gan.Core;

/// <summary>
/// A loss that costs each point by its own logit: discriminator E r(D(x)) + E f(D(G(z))), generator E g(D(G(z))). Its labels can
/// be softened and flipped.
/// </summary>
public abstract record PointwiseLoss : IAdversarialLoss
{
    /// <summary>r: what a logit costs the discriminator on a point that is labeled real, element by element.</summary>
    public abstract Tensor OnReal(Tensor logits);

    /// <summary>f: what a logit costs the discriminator on a point that is labeled generated, element by element.</summary>
    public abstract Tensor OnFake(Tensor logits);

    /// <summary>g: what a logit costs the generator, element by element.</summary>
    public abstract Tensor OnGenerated(Tensor logits);

    /// <inheritdoc/>
    public Term Discriminator(LossInput input) =>
        new(OnReal(input.Real.Logits).mean() + OnFake(input.Fake.Logits).mean());

    /// <inheritdoc/>
    public Term Generator(LossInput input) => new(OnGenerated(input.Fake.Logits).mean());
}
