namespace Gan.Core;

/// <summary>What a discriminator's output may hold, and a loss or a penalty may read.</summary>
[Flags]
public enum OutputParts
{
    /// <summary>Logits alone, which every discriminator gives.</summary>
    Logits = 0,

    /// <summary>The features that the logits are made of.</summary>
    Features = 1,

    /// <summary>A reconstruction of the point.</summary>
    Reconstruction = 2,
}

/// <summary>What a discriminator says of each point. A discriminator that packs points says it of each pack.</summary>
/// <param name="Logits">[batch], or [batch, outputs] of a discriminator with several: high where the point looks real.</param>
public sealed record DiscriminatorOutput(Tensor Logits)
{
    /// <summary>[batch, n]: the last hidden layer, or an autoencoder's code; null where the discriminator does not offer it.</summary>
    public Tensor? Features { get; init; }

    /// <summary>[batch, n]: the elements of each point less those of its reconstruction; null where the discriminator makes none.</summary>
    public Tensor? Residuals { get; init; }

    /// <summary>The same without what nobody reads.</summary>
    internal DiscriminatorOutput Only(OutputParts parts) =>
        this with
        {
            Features = parts.HasFlag(OutputParts.Features) ? Features : null,
            Residuals = parts.HasFlag(OutputParts.Reconstruction) ? Residuals : null,
        };

    /// <summary>The same with logits of the other sign.</summary>
    internal DiscriminatorOutput Negated() => this with { Logits = Logits.neg() };

    /// <summary>The same of some consecutive points.</summary>
    public DiscriminatorOutput Slice(int start, int count) => Map(tensor => tensor.narrow(0, start, count));

    /// <summary>The same of the points at [n] indices.</summary>
    public DiscriminatorOutput Select(Tensor indices) => Map(tensor => tensor.index_select(0, indices));

    /// <summary>The features.</summary>
    /// <exception cref="RefusedException">The discriminator offers none.</exception>
    public Tensor NeedFeatures() => Features ?? throw RefusedException.For(RefusalReason.NeedsFeatures, "This output");

    /// <summary>The residuals.</summary>
    /// <exception cref="RefusedException">The discriminator makes no reconstruction.</exception>
    public Tensor NeedResiduals() =>
        Residuals ?? throw RefusedException.For(RefusalReason.NeedsReconstruction, "This output");

    DiscriminatorOutput Map(Func<Tensor, Tensor> function) =>
        new(function(Logits))
        {
            Features = Features is null ? null : function(Features),
            Residuals = Residuals is null ? null : function(Residuals),
        };
}
