namespace Gan.Core;

/// <summary>What an augmentation is a function of, beside the points.</summary>
/// <param name="State">Its own state.</param>
/// <param name="Step">The number of steps made before.</param>
/// <param name="Key">Its randomness.</param>
public sealed record AugmentationContext(ParameterTree State, long Step, RandomKey Key);

/// <summary>
/// A random change of points, differentiable in them. In a game real and generated points are changed alike before the
/// discriminator sees them, in both turns, so that the generator's gradient goes through the change.
/// </summary>
public interface IAugmentation
{
    /// <summary>Throws for a space whose points it cannot change.</summary>
    void Validate(Space space) { }

    /// <summary>Its first state; empty for most.</summary>
    ParameterTree Init(ScalarType dtype) => ParameterTree.Empty;

    /// <summary>The points, changed.</summary>
    Sample Apply(Sample points, AugmentationContext context);

    /// <summary>Its state after a turn of the discriminator, whose output on the real points is given.</summary>
    ParameterTree Adapt(DiscriminatorOutput real, AugmentationContext context) => context.State;
}

/// <summary>A discriminator whose points are changed before it judges them.</summary>
internal sealed record AugmentedDiscriminator(
    IDiscriminator Inner,
    IReadOnlyList<IAugmentation> Augmentations,
    ParameterTree States,
    long Step
) : WrappedDiscriminator(Inner)
{
    public override DiscriminatorResult Discriminate(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    )
    {
        for (var i = 0; i < Augmentations.Count; i++)
        {
            var context = new AugmentationContext(States.Child($"{i}"), Step, key.Derive("augmentation").Derive(i));
            sample = Augmentations[i].Apply(sample, context);
        }
        return Inner.Discriminate(state, sample, condition, mode, key);
    }
}
