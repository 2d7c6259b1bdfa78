namespace Gan.Core;

/// <summary>How a network is conditioned.</summary>
public enum Conditioning
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The condition's numbers stand beside the input: beside latents or a flat point, or as one more map of an image.</summary>
    Concatenate,

    /// <summary>They choose gain and shift of every batch normalization: <see cref="ConditionalBatchNorm"/>. For generators.</summary>
    Normalize,

    /// <summary>They are projected on the features: <see cref="ProjectionDiscriminator"/>. For discriminators.</summary>
    Project,
}

/// <summary>How a network is conditioned, and on what.</summary>
public sealed record ConditionConfig
{
    /// <summary>No condition.</summary>
    public static ConditionConfig None { get; } = new();

    /// <summary>How.</summary>
    public Conditioning By { get; init; }

    /// <summary>On what; null where the data gives no condition.</summary>
    public Space? Space { get; init; }

    /// <summary>The numbers that a label's or a token's row has.</summary>
    public int Embedding
    {
        get;
        init => field = Require.Positive(value);
    } = 32;

    /// <summary>The encoder of the conditions; null for a network that takes none.</summary>
    /// <exception cref="RefusedException">There is nothing to be conditioned on, or not in this way.</exception>
    internal ConditionEncoder? Encoder(GamePart part, params ReadOnlySpan<Conditioning> possible)
    {
        if (By == Conditioning.None)
            return null;
        if (!possible.Contains(By))
            throw new RefusedException(
                part,
                $"This network cannot be conditioned by '{By.ToString().ToLowerInvariant()}'. Possible: {string.Join(", ", possible.ToArray()).ToLowerInvariant()}."
            );
        return new ConditionEncoder(
            Space
                ?? throw new RefusedException(
                    part,
                    "This network is to be conditioned, but the data gives no condition. Use labeled, captioned or paired data, or leave the condition away."
                ),
            Embedding
        );
    }
}
