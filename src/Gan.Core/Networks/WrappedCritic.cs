namespace Gan.Core;

/// <summary>A critic that changes what another one is given, or says; in all else it is as that one.</summary>
public abstract record WrappedCritic(ICritic Inner) : ICritic
{
    /// <summary>The other critic.</summary>
    public virtual ICritic Inner { get; init; } = Inner;

    /// <inheritdoc/>
    public virtual Space Space => Inner.Space;

    /// <inheritdoc/>
    public bool MixesSamples => Inner.MixesSamples;

    /// <inheritdoc/>
    public virtual int Pack => Inner.Pack;

    /// <inheritdoc/>
    public int LogitCount => Inner.LogitCount;

    /// <inheritdoc/>
    public CriticOutputs Outputs => Inner.Outputs;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) => Inner.Init(key, dtype);

    /// <inheritdoc/>
    public abstract Judged Judge(LayerState state, Sample sample, Sample? condition, Mode mode, RandomKey key);

    /// <inheritdoc/>
    public virtual Judged JudgeWithSlopes(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    ) => CriticGradients.WithSlopes(sample, points => Judge(state, points, condition, mode, key));
}
