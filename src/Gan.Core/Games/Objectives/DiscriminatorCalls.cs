namespace Gan.Core;

/// <summary>How the discriminator is called within its turn.</summary>
internal static class DiscriminatorCalls
{
    /// <summary>
    /// Real and generated points in one call where no layer mixes samples, unless only one kind is differentiated; otherwise
    /// in two, the statistics of the first carried into the second: the second's buffers are those after both. SquaredGradientNorms come
    /// with the points at which penalties read them.
    /// </summary>
    public static (DiscriminatorResult Real, DiscriminatorResult Fake) Both(
        IDiscriminator discriminator,
        LayerState state,
        Sample real,
        Sample fake,
        Sample? condition,
        OutputParts reads,
        PenalizedPoints penalized,
        RandomKey key
    )
    {
        var (ofReal, ofFake) = (penalized.HasFlag(PenalizedPoints.Real), penalized.HasFlag(PenalizedPoints.Fake));
        if (!discriminator.MixesSamples && fake.BatchSize == real.BatchSize && ofReal == ofFake)
        {
            var joint = Discriminate(state, real.Append(fake), condition?.Append(condition), key, ofReal);
            var output = joint.Output.Only(reads);
            var count = (int)output.Logits.size(0) / 2;
            return (Half(0), Half(count));

            DiscriminatorResult Half(int start) =>
                new(output.Slice(start, count), joint.Buffers)
                {
                    SquaredGradientNorms = joint.SquaredGradientNorms?.narrow(0, start, count),
                };
        }
        var first = Discriminate(state, real, condition, key, ofReal);
        var second = Discriminate(state with { Buffers = first.Buffers }, fake, condition, key.Derive("fake"), ofFake);
        return (first, second);

        DiscriminatorResult Discriminate(
            LayerState at,
            Sample points,
            Sample? given,
            RandomKey drawn,
            bool withSlopes
        ) =>
            withSlopes
                ? discriminator.DiscriminateWithGradientNorms(at, points, given, Mode.Train, drawn)
                : discriminator.Discriminate(at, points, given, Mode.Train, drawn);
    }

    /// <summary>A discriminator at fixed weights. Its buffers do not change: a penalty looks, it does not train statistics.</summary>
    public sealed class Fixed(IDiscriminator discriminator, LayerState state, Sample? condition, RandomKey key)
        : IDiscriminatorFunction
    {
        /// <inheritdoc/>
        public DiscriminatorOutput Discriminate(Sample sample) =>
            discriminator.Discriminate(state, sample, condition, Mode.Train, key).Output;

        /// <inheritdoc/>
        public Tensor SquaredGradientNorms(Sample sample) =>
            discriminator
                .DiscriminateWithGradientNorms(state, sample, condition, Mode.Train, key)
                .SquaredGradientNorms!;
    }
}
