namespace Gan.Core;

/// <summary>A discriminator that changes what another one is given, or says; in all else it is as that one.</summary>
public abstract record WrappedDiscriminator(IDiscriminator Inner) : IDiscriminator
{
    /// <summary>The other discriminator.</summary>
    public virtual IDiscriminator Inner { get; init; } = Inner;

    /// <inheritdoc/>
    public virtual Space Space => Inner.Space;

    /// <inheritdoc/>
    public virtual Space? Condition => Inner.Condition;

    /// <inheritdoc/>
    public bool MixesSamples => Inner.MixesSamples;

    /// <inheritdoc/>
    public virtual int Pack => Inner.Pack;

    /// <inheritdoc/>
    public int LogitCount => Inner.LogitCount;

    /// <inheritdoc/>
    public OutputParts Outputs => Inner.Outputs;

    /// <inheritdoc/>
    public virtual IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) => Inner.Matrices(weights);

    /// <inheritdoc/>
    public virtual LayerState Init(RandomKey key, ScalarType dtype) => Inner.Init(key, dtype);

    /// <inheritdoc/>
    public abstract DiscriminatorResult Discriminate(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    );

    /// <inheritdoc/>
    public virtual DiscriminatorResult DiscriminateWithGradientNorms(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    ) => PointGradients.WithNorms(sample, points => Discriminate(state, points, condition, mode, key));
}
