namespace Gan.Experiments;

/// <summary>Points of two data sets side by side, drawn independently: pairs that do not belong together.</summary>
/// <param name="first">The first part of a pair.</param>
/// <param name="second">The second part of a pair.</param>
public sealed class PairedDataset(IDataset first, IDataset second) : IDataset
{
    /// <summary>The name of a pair's first part.</summary>
    public const string First = "first";

    /// <summary>The name of a pair's second part.</summary>
    public const string Second = "second";

    /// <inheritdoc/>
    public Space Space { get; } = SpaceOf(first.Space, second.Space);

    /// <summary>The space of pairs of points of two spaces.</summary>
    public static Space.Product SpaceOf(Space first, Space second) =>
        new(new Space.Factor(First, first), new Space.Factor(Second, second));

    /// <summary>Null: each of the two begins anew by itself.</summary>
    public long? Count => null;

    /// <inheritdoc/>
    public string Digest { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{first.Digest} {second.Digest}")))[..8];

    /// <inheritdoc/>
    public Batch Draw(RandomKey key, long position, int count, ScalarType dtype)
    {
        var (one, other) = (Part(first, First), Part(second, Second));
        return new Batch(new Sample(one, other), null, arange(position, position + count, ScalarType.Int64));

        NamedTensor Part(IDataset data, string name) =>
            new(name, data.Draw(key.Derive(name), position, count, dtype).Sample.Single);
    }
}
