namespace Gan.Core;

/// <summary>What an augmentation is a function of, beside the points.</summary>
/// <param name="State">Its own state.</param>
/// <param name="Step">The number of steps made before.</param>
/// <param name="Key">Its randomness.</param>
public sealed record AugmentationContext(ParameterTree State, long Step, RandomKey Key);

/// <summary>
/// A random change of points, differentiable in them. In a game real and generated points are changed alike before the
/// critic sees them, in both turns, so that the generator's gradient goes through the change.
/// </summary>
public interface IAugmentation
{
    /// <summary>Throws for a space whose points it cannot change.</summary>
    void Validate(Space space) { }

    /// <summary>Its first state; empty for most.</summary>
    ParameterTree Init(ScalarType dtype) => ParameterTree.Empty;

    /// <summary>The points, changed.</summary>
    Sample Apply(Sample points, AugmentationContext context);

    /// <summary>Its state after a turn of the critic, which said this of the real points.</summary>
    ParameterTree Advance(CriticOutput real, AugmentationContext context) => context.State;
}

/// <summary>A critic whose points are changed before it judges them.</summary>
internal sealed class AugmentedCritic(
    ICritic inner,
    IReadOnlyList<IAugmentation> augmentations,
    IReadOnlyList<ParameterTree> states,
    long step
) : ICritic
{
    public Space Space => inner.Space;

    public bool MixesSamples => inner.MixesSamples;

    public int Pack => inner.Pack;

    public int LogitCount => inner.LogitCount;

    public CriticOutputs Outputs => inner.Outputs;

    public LayerState Init(RandomKey key, ScalarType dtype) => inner.Init(key, dtype);

    public Judged Judge(LayerState state, Sample sample, Sample? condition, Mode mode, RandomKey key)
    {
        for (var i = 0; i < augmentations.Count; i++)
            sample = augmentations[i]
                .Apply(sample, new AugmentationContext(states[i], step, key.Derive("augmentation").Derive(i)));
        return inner.Judge(state, sample, condition, mode, key);
    }
}
