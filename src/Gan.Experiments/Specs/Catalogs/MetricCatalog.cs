namespace Gan.Experiments;

/// <summary>What a metric looks at: as many real and generated points, the mixture where there is one, and a key.</summary>
public sealed record MetricInput(Sample Real, Sample Fake, Mixture? Mixture, RandomKey Key);

/// <summary>Measures how good generated points are: named numbers.</summary>
/// <param name="names">The names of the numbers.</param>
/// <param name="measure">The numbers, in the order of their names.</param>
public sealed class Metric(IReadOnlyList<string> names, Func<MetricInput, IReadOnlyList<double>> measure)
{
    /// <summary>The names of the numbers.</summary>
    public IReadOnlyList<string> Names { get; } = names;

    /// <summary>The numbers, by name.</summary>
    public IReadOnlyDictionary<string, double> Measure(MetricInput input) => Names.Zip(measure(input)).ToDictionary();
}

/// <summary>The metrics that specs may name.</summary>
public static class MetricCatalog
{
    /// <summary>Metrics of generated points.</summary>
    public static Catalog<Metric> Metrics { get; } =
        new(
            "metrics",
            new(
                "mixture_coverage",
                "modes with a point within 3 deviations, the fraction of such points, ln K - H(their modes)",
                "Lin et al. 2018",
                _ => Coverage()
            ),
            new(
                "sliced_wasserstein",
                "root mean square of sorted projections' differences",
                "Rabin et al. 2011",
                spec => Sliced(spec.Integer("directions", 128, most: 10_000))
            ),
            new(
                "mmd",
                "squared maximum mean discrepancy, Gaussian kernel of the median distance, unbiased",
                "Gretton et al. 2012",
                spec => Discrepancy(spec.Integer("points", 1000, least: 2, most: 10_000))
            )
        );

    /// <summary>The metrics of a data set whose spec names none.</summary>
    public static IReadOnlyList<Metric> Default(DatasetSource source) =>
        source.Mixture is null ? [Sliced(128)] : [Coverage(), Sliced(128)];

    static Metric Coverage() =>
        new(
            ["modes", "high_quality", "reverse_kl"],
            input =>
            {
                var coverage = MixtureCoverage.Of(
                    input.Fake.Single,
                    input.Mixture
                        ?? throw new UserException("mixture_coverage needs data drawn from a mixture, as ring or grid.")
                );
                return [coverage.Modes, coverage.HighQuality, coverage.ReverseKl];
            }
        );

    static Metric Sliced(int directions) =>
        new(
            ["sliced_wasserstein"],
            input =>
            {
                var (real, fake) = (input.Real.ToMatrix(), input.Fake.ToMatrix());
                return [SlicedWasserstein.Distance(real, fake, directions, input.Key.Derive("directions"))];
            }
        );

    static Metric Discrepancy(int points) =>
        new(
            ["mmd"],
            input =>
            {
                var count = Math.Min(points, Math.Min(input.Real.BatchSize, input.Fake.BatchSize));
                var (real, fake) = (input.Real.ToMatrix(), input.Fake.ToMatrix());
                return [MaximumMeanDiscrepancy.Squared(real.narrow(0, 0, count), fake.narrow(0, 0, count))];
            }
        );
}
