namespace Gan.Core;

/// <summary>Why parts that each make sense make none together: a closed list.</summary>
public enum RefusalReason
{
    /// <summary>The data has no labels.</summary>
    NeedsLabels,

    /// <summary>The discriminator makes no reconstruction of a point.</summary>
    NeedsReconstruction,

    /// <summary>The discriminator offers no features.</summary>
    NeedsFeatures,
}

/// <summary>Parts of a game that make no sense together.</summary>
public sealed class RefusedException(RefusalReason reason, string message) : ArgumentException(message)
{
    /// <summary>Why.</summary>
    public RefusalReason Reason { get; } = reason;

    /// <summary>The refusal of a part, as a sentence that says what to do.</summary>
    public static RefusedException For(RefusalReason reason, string what) =>
        new(
            reason,
            $"{what} "
                + reason switch
                {
                    RefusalReason.NeedsLabels => "needs labels, which this data does not have.",
                    RefusalReason.NeedsReconstruction =>
                        "needs a discriminator that reconstructs points, which this one does not: take an autoencoder.",
                    RefusalReason.NeedsFeatures =>
                        "needs a discriminator that offers features, which this one does not: take one with hidden layers.",
                    _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "An unknown reason."),
                }
        );

    /// <summary>Throws where something reads of a discriminator's output what the discriminator does not give.</summary>
    internal static void RequireOutputs(IDiscriminator discriminator, OutputParts read, string what)
    {
        var missing = read & ~discriminator.Outputs;
        if (missing.HasFlag(OutputParts.Reconstruction))
            throw For(RefusalReason.NeedsReconstruction, what);
        if (missing.HasFlag(OutputParts.Features))
            throw For(RefusalReason.NeedsFeatures, what);
    }
}
