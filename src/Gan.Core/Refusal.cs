namespace Gan.Core;

/// <summary>A part of a game, as a refusal names it.</summary>
public enum GamePart
{
    /// <summary>The data, or what it is conditioned on.</summary>
    Data,

    /// <summary>A generator, or a translator.</summary>
    Generator,

    /// <summary>An encoder.</summary>
    Encoder,

    /// <summary>A discriminator.</summary>
    Discriminator,

    /// <summary>The adversarial loss.</summary>
    Loss,

    /// <summary>The discriminator's penalties.</summary>
    Penalties,

    /// <summary>The generator's penalties.</summary>
    GeneratorPenalties,

    /// <summary>The augmentations.</summary>
    Augmentations,

    /// <summary>The update rule.</summary>
    Rule,
}

/// <summary>Why parts that each make sense make none together.</summary>
public enum RefusalReason
{
    /// <summary>The data has no labels.</summary>
    NeedsLabels,

    /// <summary>The discriminator makes no reconstruction of a point.</summary>
    NeedsReconstruction,

    /// <summary>The discriminator offers no features.</summary>
    NeedsFeatures,

    /// <summary>Sizes, spaces or conditions do not fit.</summary>
    Misfit,
}

/// <summary>Parts of a game that make no sense together.</summary>
public sealed class RefusedException : ArgumentException
{
    /// <summary>The refusal of a part that does not fit the others.</summary>
    public RefusedException(GamePart part, string message)
        : this(part, RefusalReason.Misfit, message) { }

    RefusedException(GamePart part, RefusalReason reason, string message)
        : base(message) => (Part, Reason) = (part, reason);

    /// <summary>The part that should be changed.</summary>
    public GamePart Part { get; }

    /// <summary>Why it does not fit.</summary>
    public RefusalReason Reason { get; }

    /// <summary>The refusal for a known reason, as a sentence that says what to do.</summary>
    public static RefusedException For(RefusalReason reason, string what) =>
        reason switch
        {
            RefusalReason.NeedsLabels => new(
                GamePart.Data,
                reason,
                $"{what} needs labels, which this data does not have."
            ),
            RefusalReason.NeedsReconstruction => new(
                GamePart.Discriminator,
                reason,
                $"{what} needs a discriminator that reconstructs points, which this one does not: use an autoencoder."
            ),
            RefusalReason.NeedsFeatures => new(
                GamePart.Discriminator,
                reason,
                $"{what} needs a discriminator that offers features, which this one does not: use one with hidden layers."
            ),
            _ => throw new ArgumentOutOfRangeException(
                nameof(reason),
                reason,
                "This reason has no sentence of its own."
            ),
        };

    /// <summary>Throws where something reads of a discriminator's output what the discriminator does not give.</summary>
    internal static void RequireOutputs(IDiscriminator discriminator, OutputParts read, string what)
    {
        var missing = read & ~discriminator.Outputs;
        if (missing.HasFlag(OutputParts.Reconstruction))
            throw For(RefusalReason.NeedsReconstruction, what);
        if (missing.HasFlag(OutputParts.Features))
            throw For(RefusalReason.NeedsFeatures, what);
    }

    /// <summary>Runs a check of a part, and names the part where the check fails.</summary>
    internal static void Check(GamePart part, Action check)
    {
        try
        {
            check();
        }
        catch (ArgumentException failure) when (failure is not RefusedException)
        {
            throw new RefusedException(part, failure.Message);
        }
    }
}
