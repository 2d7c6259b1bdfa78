namespace Gan.Experiments;

/// <summary>
/// Points held in memory, drawn epoch by epoch without replacement: each epoch is a permutation of its own, and a batch
/// may end one and begin the next.
/// </summary>
public sealed class StoredDataset : IDataset
{
    readonly Tensor points;
    readonly double scale;
    readonly double shift;
    (RandomKey Key, long Epoch, IReadOnlyList<long> Order) latest = (default, -1, []);

    /// <summary>
    /// Points of one component, as [count, its shape]. Elements are used as scale * stored + shift.
    /// </summary>
    /// <exception cref="UserException">There are no points, or some are not finite.</exception>
    public StoredDataset(Space space, Tensor points, double scale, double shift)
    {
        Space = space;
        this.points = points.DetachFromDisposeScope();
        this.scale = scale;
        this.shift = shift;
        if (points.size(0) == 0)
            throw new UserException("The data set has no points.");
        Require.Shape(points, space.Components.Single().Shape, "The data set");
        if (points.is_floating_point() && !points.isfinite().all().item<bool>())
            throw new UserException(
                "The data set has values that are NaN or infinite; mend the data before training on it."
            );
        Digest = Convert.ToHexStringLower(SHA256.HashData(TensorData.ToBytes(points)))[..8];
    }

    /// <inheritdoc/>
    public Space Space { get; }

    /// <summary>What each point is conditioned on, as many as points; null for nothing.</summary>
    public Sample? Condition
    {
        get;
        init =>
            field =
                value is null || value.BatchSize == points.size(0)
                    ? value?.Map(tensor => tensor.DetachFromDisposeScope())
                    : throw new UserException(
                        $"The data set has {points.size(0)} points and {value.BatchSize} conditions."
                    );
    }

    /// <inheritdoc/>
    public long? Count => points.size(0);

    /// <inheritdoc/>
    public string Digest { get; }

    /// <inheritdoc/>
    public Batch Draw(RandomKey key, long position, int count, ScalarType dtype)
    {
        var total = points.size(0);
        var indices = new long[count];
        for (var i = 0; i < count; i++)
            indices[i] = Order(key, (position + i) / total)[(int)((position + i) % total)];
        var index = tensor(indices);
        var drawn = points.index_select(0, index).to_type(dtype);
        if (scale != 1)
            drawn = drawn * scale;
        if (shift != 0)
            drawn = drawn + shift;
        var given = Condition?.Map(values =>
        {
            var own = values.index_select(0, index);
            return own.is_floating_point() ? own.to_type(dtype) : own;
        });
        return new Batch(new Sample(new NamedTensor(Space.Components.Single().Name, drawn)), given, index);
    }

    IReadOnlyList<long> Order(RandomKey key, long epoch)
    {
        if (latest.Epoch != epoch || latest.Key != key)
            latest = (key, epoch, key.Derive("epoch").Derive(epoch).Permutation((int)points.size(0)));
        return latest.Order;
    }
}

/// <summary>Points made without end by a function of a key.</summary>
/// <param name="space">What a point is made of.</param>
/// <param name="formula">A text that changes when the points do; the digest is made from it.</param>
/// <param name="make">[count, …] points from a key, in float64.</param>
/// <param name="label">[count] classes of the same key's points, in int64; null for none.</param>
public sealed class GeneratedDataset(
    Space space,
    string formula,
    Func<RandomKey, int, Tensor> make,
    Func<RandomKey, int, Tensor>? label
) : IDataset
{
    /// <inheritdoc/>
    public Space Space { get; } = space;

    /// <inheritdoc/>
    public string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(formula)))[..8];

    /// <inheritdoc/>
    public long? Count => null;

    /// <inheritdoc/>
    public Batch Draw(RandomKey key, long position, int count, ScalarType dtype)
    {
        var own = key.Derive("points").Derive(position);
        var points = make(own, count).to_type(dtype);
        return new Batch(
            new Sample(new NamedTensor(Space.Components.Single().Name, points)),
            label is null ? null : new Sample(new NamedTensor(Gan.Core.Space.Label.Name, label(own, count))),
            arange(position, position + count, ScalarType.Int64)
        );
    }
}
