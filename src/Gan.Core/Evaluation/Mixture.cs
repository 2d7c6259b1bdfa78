namespace Gan.Core;

/// <summary>
/// An equal mixture of round Gaussians: its centers and their one standard deviation. Equality is of the values.
/// </summary>
public sealed record Mixture
{
    /// <summary>A mixture around the centers, each a list of as many coordinates.</summary>
    public Mixture(IEnumerable<IReadOnlyList<double>> centers, double deviation)
    {
        Centers = [.. centers.Select(center => center.ToImmutableArray())];
        Deviation = Require.NotNegative(deviation, nameof(deviation));
        if (Centers.IsEmpty || Centers.Any(center => center.Length != Centers[0].Length || center.IsEmpty))
            throw new ArgumentException("A mixture needs centers of one number of coordinates.");
    }

    /// <summary>The centers.</summary>
    public ImmutableArray<ImmutableArray<double>> Centers { get; }

    /// <summary>The standard deviation of every coordinate around its center.</summary>
    public double Deviation { get; }

    /// <summary>The number of coordinates.</summary>
    public int Dimensions => Centers[0].Length;

    /// <summary>Modes at equal angles on a circle: 8, radius 1, deviation 0.01 is the usual ring.</summary>
    public static Mixture Ring(int modes, double radius, double deviation) =>
        new(
            Enumerable
                .Range(0, Require.Positive(modes))
                .Select(i => 2 * Math.PI * i / modes)
                .Select(angle => new[] { radius * Math.Cos(angle), radius * Math.Sin(angle) }),
            deviation
        );

    /// <summary>side x side modes on a square grid around the origin: 5, spacing 2, deviation 0.05 is the usual grid.</summary>
    public static Mixture Grid(int side, double spacing, double deviation) =>
        new(
            from i in Enumerable.Range(0, Require.Positive(side))
            from j in Enumerable.Range(0, side)
            select new[] { spacing * (i - (side - 1) / 2.0), spacing * (j - (side - 1) / 2.0) },
            deviation
        );

    /// <summary>[count] int64: the modes of the points that the same key draws.</summary>
    public Tensor DrawModes(RandomKey key, int count) =>
        (key.Derive("mode").Uniform(ScalarType.Float64, count) * Centers.Length).to_type(ScalarType.Int64);

    /// <summary>[count, Dimensions] points in float64.</summary>
    public Tensor Draw(RandomKey key, int count)
    {
        var centers = tensor([.. Centers.SelectMany(center => center)], [Centers.Length, Dimensions]);
        return centers.index_select(0, DrawModes(key, count))
            + key.Derive("noise").Normal(ScalarType.Float64, count, Dimensions) * Deviation;
    }

    /// <inheritdoc/>
    public bool Equals(Mixture? other) =>
        other is not null
        && Deviation == other.Deviation
        && Centers.Length == other.Centers.Length
        && Centers.Zip(other.Centers).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Centers.Length, Dimensions, Deviation);
}

/// <summary>How well points cover a mixture.</summary>
/// <param name="Modes">The number of modes with at least one high-quality point.</param>
/// <param name="HighQuality">The fraction of points within three deviations of the nearest center, by Euclidean distance.</param>
/// <param name="ReverseKl">
/// ln K - H(p), with p the fractions of the K modes among the high-quality points; ln K where there is none. In nats.
/// </param>
public sealed record MixtureCoverage(int Modes, double HighQuality, double ReverseKl)
{
    /// <summary>The coverage of [n, dimensions] points.</summary>
    /// <remarks>Lin, Khetan, Fanti and Oh, "PacGAN", 2018, section 4.1.</remarks>
    public static MixtureCoverage Of(Tensor points, Mixture mixture)
    {
        Require.Shape(points, [mixture.Dimensions], "Mode coverage");
        var flat = TensorData.ToArray<double>(points.to_type(ScalarType.Float64));
        var counts = new long[mixture.Centers.Length];
        var total = (int)points.size(0);
        for (var i = 0; i < total; i++)
        {
            var point = flat.AsSpan(i * mixture.Dimensions, mixture.Dimensions);
            var (nearest, distance) = (0, double.PositiveInfinity);
            for (var mode = 0; mode < counts.Length; mode++)
            {
                double squared = 0;
                for (var d = 0; d < point.Length; d++)
                    squared += (point[d] - mixture.Centers[mode][d]) * (point[d] - mixture.Centers[mode][d]);
                if (squared < distance)
                    (nearest, distance) = (mode, squared);
            }
            if (distance <= 9 * mixture.Deviation * mixture.Deviation)
                counts[nearest]++;
        }
        var good = counts.Sum();
        var entropy = counts
            .Where(count => count > 0)
            .Sum(count => -(double)count / good * Math.Log((double)count / good));
        return new MixtureCoverage(
            counts.Count(count => count > 0),
            total == 0 ? 0 : (double)good / total,
            Math.Log(counts.Length) - entropy
        );
    }
}
