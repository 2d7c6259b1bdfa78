namespace Gan.Core;

/// <summary>
/// What a turn reads of a batch: which part of the data is real to its discriminator, and which its networks are
/// conditioned on. Without names it is the whole sample, and the batch's own condition.
/// </summary>
public sealed record BatchView
{
    /// <summary>The space of the batch's sample.</summary>
    public required Space Sample { get; init; }

    /// <summary>The space of the batch's condition; null for data without one.</summary>
    public Space? Condition { get; init; }

    /// <summary>The factor of a product that is real to the discriminator; null for the whole sample.</summary>
    public string? Real { get; init; }

    /// <summary>The factor of a product that networks are conditioned on; null for the batch's own condition.</summary>
    public string? Given { get; init; }

    /// <summary>The space of the real points.</summary>
    public Space RealSpace => Real is null ? Sample : Product.Find(Real).Space;

    /// <summary>The space of the conditions; null where there is none.</summary>
    public Space? GivenSpace => Given is null ? Condition : Product.Find(Given).Space;

    Space.Product Product =>
        Sample as Space.Product
        ?? throw new RefusedException(
            GamePart.Data,
            $"A part of the data is named, '{Real ?? Given}', but the data has no parts: it is {Sample.Describe()}."
        );

    /// <summary>The real points of a batch.</summary>
    public Sample RealOf(Batch batch) => Real is null ? batch.Sample : Product.Part(batch.Sample, Real);

    /// <summary>The conditions of a batch; null where there are none.</summary>
    public Sample? GivenOf(Batch batch) => Given is null ? batch.Condition : Product.Part(batch.Sample, Given);

    /// <summary>Throws for a network that takes other conditions than these.</summary>
    internal void RequireCondition(INetwork network, string name, GamePart part)
    {
        if (network.Condition is null || network.Condition.Equals(GivenSpace))
            return;
        throw new RefusedException(
            part,
            GivenSpace is { } given
                ? $"'{name}' is conditioned on {network.Condition.Describe()}, but the data gives {given.Describe()}."
                : $"'{name}' is conditioned on {network.Condition.Describe()}, but the data gives no condition."
        );
    }
}
