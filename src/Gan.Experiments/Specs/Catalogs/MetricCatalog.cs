namespace Gan.Experiments;

/// <summary>What a metric looks at: as many real and generated points, the mixture where there is one, and a key.</summary>
public sealed record MetricInput(Sample Real, Sample Fake, Mixture? Mixture, RandomKey Key);

/// <summary>Measures how good generated points are: named numbers.</summary>
public interface IMetric
{
    /// <summary>The names of the numbers.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>The numbers, by name.</summary>
    IReadOnlyDictionary<string, double> Measure(MetricInput input);
}

/// <summary>The metrics that specs may name.</summary>
public static class MetricCatalog
{
    /// <summary>Metrics of generated points.</summary>
    public static Catalog<IMetric> Metrics { get; } =
        new(
            "metrics",
            [
                new(
                    "mixture_coverage",
                    "modes with a point within 3 deviations, the share of such points, ln K - H(their modes)",
                    "Lin et al. 2018",
                    _ => new CoverageMetric()
                ),
                new(
                    "sliced_wasserstein",
                    "root mean square of sorted projections' differences",
                    "Rabin et al. 2011",
                    spec => new SlicedWassersteinMetric(spec.Integer("directions", 128, most: 10_000))
                ),
                new(
                    "mmd",
                    "squared maximum mean discrepancy, Gaussian kernel of the median distance, unbiased",
                    "Gretton et al. 2012",
                    spec => new MmdMetric(spec.Integer("points", 1000, least: 2, most: 10_000))
                ),
            ]
        );

    /// <summary>The metrics of a data set whose spec names none.</summary>
    public static IReadOnlyList<IMetric> Default(DatasetSource source) =>
        source.Mixture is null
            ? [new SlicedWassersteinMetric(128)]
            : [new CoverageMetric(), new SlicedWassersteinMetric(128)];

    sealed record CoverageMetric : IMetric
    {
        public IReadOnlyList<string> Names => ["modes", "high_quality", "reverse_kl"];

        public IReadOnlyDictionary<string, double> Measure(MetricInput input)
        {
            var coverage = MixtureCoverage.Of(
                input.Fake.Single,
                input.Mixture
                    ?? throw new UserException("mixture_coverage needs data drawn from a mixture, as ring or grid.")
            );
            return new Dictionary<string, double>
            {
                ["modes"] = coverage.Modes,
                ["high_quality"] = coverage.HighQuality,
                ["reverse_kl"] = coverage.ReverseKl,
            };
        }
    }

    sealed record SlicedWassersteinMetric(int Directions) : IMetric
    {
        public IReadOnlyList<string> Names => ["sliced_wasserstein"];

        public IReadOnlyDictionary<string, double> Measure(MetricInput input) =>
            new Dictionary<string, double>
            {
                ["sliced_wasserstein"] = SlicedWasserstein.Distance(
                    input.Real.ToMatrix(),
                    input.Fake.ToMatrix(),
                    Directions,
                    input.Key.Derive("directions")
                ),
            };
    }

    sealed record MmdMetric(int Points) : IMetric
    {
        public IReadOnlyList<string> Names => ["mmd"];

        public IReadOnlyDictionary<string, double> Measure(MetricInput input)
        {
            var count = Math.Min(Points, Math.Min(input.Real.BatchSize, input.Fake.BatchSize));
            return new Dictionary<string, double>
            {
                ["mmd"] = MaximumMeanDiscrepancy.Squared(
                    input.Real.ToMatrix().narrow(0, 0, count),
                    input.Fake.ToMatrix().narrow(0, 0, count)
                ),
            };
        }
    }
}
