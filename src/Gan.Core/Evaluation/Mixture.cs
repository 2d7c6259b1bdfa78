namespace Gan.Core;

/// <summary>
/// An equal mixture of round Gaussians: its centres and their one standard deviation. Equality is of the values.
/// </summary>
public sealed record Mixture
{
    /// <summary>A mixture around the centres, each a list of as many coordinates.</summary>
    public Mixture(IEnumerable<IReadOnlyList<double>> centres, double deviation)
    {
        Centres = [.. centres.Select(centre => centre.ToImmutableArray())];
        Deviation = Require.NotNegative(deviation, nameof(deviation));
        if (Centres.IsEmpty || Centres.Any(centre => centre.Length != Centres[0].Length || centre.IsEmpty))
            throw new ArgumentException("A mixture needs centres of one number of coordinates.");
    }

    /// <summary>The centres.</summary>
    public ImmutableArray<ImmutableArray<double>> Centres { get; }

    /// <summary>The standard deviation of every coordinate around its centre.</summary>
    public double Deviation { get; }

    /// <summary>The number of coordinates.</summary>
    public int Dimensions => Centres[0].Length;

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
        (key.Derive("mode").Uniform(ScalarType.Float64, count) * Centres.Length).to_type(ScalarType.Int64);

    /// <summary>[count, Dimensions] points in float64.</summary>
    public Tensor Draw(RandomKey key, int count)
    {
        var centres = tensor([.. Centres.SelectMany(centre => centre)], [Centres.Length, Dimensions]);
        return centres.index_select(0, DrawModes(key, count))
            + key.Derive("noise").Normal(ScalarType.Float64, count, Dimensions) * Deviation;
    }

    /// <inheritdoc/>
    public bool Equals(Mixture? other) =>
        other is not null
        && Deviation == other.Deviation
        && Centres.Length == other.Centres.Length
        && Centres.Zip(other.Centres).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Centres.Length, Dimensions, Deviation);
}

/// <summary>How well points cover a mixture.</summary>
/// <param name="Modes">The number of modes with at least one high-quality point.</param>
/// <param name="HighQuality">The share of points within three deviations of the nearest centre, by Euclidean distance.</param>
/// <param name="ReverseKl">
/// ln K - H(p), with p the shares of the K modes among the high-quality points; ln K where there is none. In nats.
/// </param>
public sealed record MixtureCoverage(int Modes, double HighQuality, double ReverseKl)
{
    /// <summary>The coverage of [n, dimensions] points.</summary>
    /// <remarks>Lin, Khetan, Fanti and Oh, "PacGAN", 2018, section 4.1.</remarks>
    public static MixtureCoverage Of(Tensor points, Mixture mixture)
    {
        Require.Shape(points, [mixture.Dimensions], "Mode coverage");
        var flat = TensorData.ToArray<double>(points.to_type(ScalarType.Float64));
        var counts = new long[mixture.Centres.Length];
        var total = (int)points.size(0);
        for (var i = 0; i < total; i++)
        {
            var point = flat.AsSpan(i * mixture.Dimensions, mixture.Dimensions);
            var (nearest, distance) = (0, double.PositiveInfinity);
            for (var mode = 0; mode < counts.Length; mode++)
            {
                double squared = 0;
                for (var d = 0; d < point.Length; d++)
                    squared += (point[d] - mixture.Centres[mode][d]) * (point[d] - mixture.Centres[mode][d]);
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
