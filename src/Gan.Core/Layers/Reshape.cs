namespace Gan.Core;

/// <summary>Gives every sample the shape; the number of elements stays. Equality is of the shape.</summary>
public sealed record Reshape : ILayer
{
    /// <summary>The shape of a sample, without the batch.</summary>
    public Reshape(params int[] shape) => Shape = [.. shape];

    /// <summary>The shape of a sample, without the batch.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key) =>
        new(input.reshape([input.size(0), .. Shape.Select(size => (long)size)]), buffers);

    /// <inheritdoc/>
    public bool Equals(Reshape? other) => other is not null && Shape.SequenceEqual(other.Shape);

    /// <inheritdoc/>
    public override int GetHashCode() => Shape.Aggregate(0, HashCode.Combine);
}

/// <summary>Makes one dimension of a sample's.</summary>
public sealed record Flatten : ILayer
{
    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key) =>
        new(input.flatten(1), buffers);
}
