using MathNet.Numerics.Distributions;

namespace Gan.Experiments;

/// <summary>
/// The tree-structured Parzen estimator (Bergstra et al. 2011). After ten random configurations, those tried are split into
/// the best quarter and the rest; each parameter gets a density of either, and of 24 draws from the good one that is taken
/// whose ratio of good to rest is greatest. Parameters that a condition leaves out are learned from those that had them.
/// </summary>
public sealed class TpeSampler(IReadOnlyList<SweepParameter> parameters, long seed) : ISampler
{
    /// <summary>How many configurations are drawn at random first.</summary>
    public const int Startup = 10;

    const int Candidates = 24;
    const int MostGood = 25;
    const double GoodFraction = 0.25;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string>? Next(int number, IReadOnlyList<Tried> tried)
    {
        if (tried.Count < Startup)
            return new RandomSampler(parameters, seed).Next(number, tried);
        var ranked = tried.OrderByDescending(one => one.Score).ToArray();
        var best = Math.Clamp((int)Math.Ceiling(GoodFraction * ranked.Length), 1, MostGood);
        return Samplers.Active(
            parameters,
            parameter =>
            {
                var good = Density(parameter, ranked[..best]);
                var rest = Density(parameter, ranked[best..]);
                return parameter.Value(
                    Enumerable
                        .Range(0, Candidates)
                        .Select(i => good.Draw(seed, $"{parameter.Name}/{number}/{i}"))
                        .MaxBy(unit => Math.Log(good.At(unit)) - Math.Log(rest.At(unit)))
                );
            }
        );
    }

    static IDensity Density(SweepParameter parameter, IEnumerable<Tried> tried)
    {
        double[] units =
        [
            .. tried
                .Where(one => one.Values.ContainsKey(parameter.Name))
                .Select(one => parameter.Unit(one.Values[parameter.Name])),
        ];
        return parameter is SweepParameter.Choice choice ? new Counts(units, choice) : new Parzen(units);
    }

    interface IDensity
    {
        double Draw(long seed, string name);
        double At(double unit);
    }

    /// <summary>Counts of each value, with one more for all of them.</summary>
    sealed class Counts(double[] units, SweepParameter.Choice choice) : IDensity
    {
        readonly SweepParameter.Choice smoothed = choice with
        {
            Probabilities =
            [
                .. choice.Probabilities.Select(
                    (probability, i) =>
                        (units.Count(unit => choice.Index(unit) == i) + probability) / (units.Length + 1)
                ),
            ],
        };

        public double Draw(long seed, string name) => choice.Unit(smoothed.Value(Draws.Unit(seed, name)));

        public double At(double unit) => smoothed.Probabilities[choice.Index(unit)];
    }

    /// <summary>
    /// A normal density about every point, as wide as the farther of its neighbors is away, and the uniform one: all cut
    /// off at 0 and 1.
    /// </summary>
    sealed class Parzen : IDensity
    {
        readonly (double Middle, double Width)[] kernels;

        public Parzen(double[] units)
        {
            var sorted = units.Order().ToArray();
            var least = 1.0 / Math.Min(100, 1 + sorted.Length);
            kernels =
            [
                .. sorted.Select(
                    (unit, i) =>
                    {
                        var before = unit - (i > 0 ? sorted[i - 1] : 0);
                        var after = (i + 1 < sorted.Length ? sorted[i + 1] : 1) - unit;
                        return (unit, Math.Clamp(Math.Max(before, after), least, 1));
                    }
                ),
            ];
        }

        public double Draw(long seed, string name)
        {
            var which = (int)(Draws.Unit(seed, name + "/kernel") * (kernels.Length + 1));
            if (which == kernels.Length)
                return Draws.Unit(seed, name + "/uniform");
            var (middle, width) = kernels[which];
            for (var attempt = 0; attempt < 100; attempt++)
            {
                var unit = middle + width * Draws.Normal(seed, $"{name}/{attempt}");
                if (unit is >= 0 and < 1)
                    return unit;
            }
            return middle;
        }

        public double At(double unit)
        {
            var sum = 1.0;
            foreach (var (middle, width) in kernels)
            {
                var inside = Normal.CDF(middle, width, 1) - Normal.CDF(middle, width, 0);
                sum += Normal.PDF(middle, width, unit) / inside;
            }
            return sum / (kernels.Length + 1);
        }
    }
}
