namespace Gan.Core;

/// <summary>
/// PacGAN: the discriminator judges Pack points at once, of one kind, as one point of a larger space: collapse shows in a pack
/// where it does not in a point. Points stand side by side, images and product parts channel by channel. For [batch, …] it
/// gives batch / Pack logits; a pack of 1 is no packing.
/// </summary>
/// <remarks>Lin, Khetan, Fanti and Oh, 2018.</remarks>
public sealed record PackedDiscriminator : WrappedDiscriminator
{
    readonly int own;

    /// <summary>A discriminator of packs of points of a space; <paramref name="discriminator"/> makes it for the space of packs.</summary>
    public PackedDiscriminator(int pack, Space space, Func<Space, IDiscriminator> discriminator)
        : base(RequireUnconditional(discriminator(space.Packed(Require.Positive(pack, nameof(pack))))))
    {
        own = pack;
        Space = space;
    }

    /// <summary>The points in a pack: this discriminator's own times those of the inner one.</summary>
    public override int Pack => own * Inner.Pack;

    /// <inheritdoc/>
    public override Space Space { get; }

    /// <summary>None: the points of a pack have conditions of their own.</summary>
    public override Space? Condition => null;

    /// <inheritdoc/>
    public override DiscriminatorResult Discriminate(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    ) => Inner.Discriminate(state, Packs(sample), null, mode, key);

    /// <inheritdoc/>
    public override DiscriminatorResult DiscriminateWithGradientNorms(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    ) => Inner.DiscriminateWithGradientNorms(state, Packs(sample), null, mode, key);

    static IDiscriminator RequireUnconditional(IDiscriminator inner) =>
        inner.Condition is null
            ? inner
            : throw new RefusedException(
                GamePart.Discriminator,
                "A discriminator of packs takes no condition: each point of a pack has its own. Leave the inner one without a condition."
            );

    Sample Packs(Sample sample)
    {
        Space.Validate(sample, "The discriminator");
        if (sample.BatchSize % own != 0)
            throw new ArgumentException(Misfit(own, sample.BatchSize));
        return sample.Map(Packed);
    }

    internal static string Misfit(int pack, int batchSize) =>
        $"Packs of {pack} points need a batch that is a multiple of {pack}; got {batchSize} points.";

    Tensor Packed(Tensor points) =>
        points.reshape([points.size(0) / own, own * points.size(1), .. points.shape.Skip(2)]);
}
