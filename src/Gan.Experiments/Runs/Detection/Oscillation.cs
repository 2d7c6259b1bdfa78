namespace Gan.Experiments;

/// <summary>A loss goes up and down in one rhythm: most of its variance over the last logged steps is at one frequency.</summary>
internal sealed class Oscillation(string loss) : IDetector
{
    const int Window = 64;

    // Slower than this is a trend.
    const int Slowest = 3;
    const double Fraction = 0.5;
    const double LeastSwing = 0.1;
    readonly Queue<double> last = new();
    readonly Persistence swinging = new(8);

    public Detection? Look(IReadOnlyDictionary<string, double> values)
    {
        if (!values.TryGetValue(loss, out var value))
            return null;
        last.Enqueue(value);
        if (last.Count <= Window)
            return null;
        last.Dequeue();
        var (period, fraction, swing) = Rhythm([.. last]);
        return swinging.Begins(fraction > Fraction && swing > LeastSwing * last.Average(Math.Abs))
            ? new Detection(
                "oscillation",
                $"{loss} goes up and down every {period:F0} logged steps, which is {fraction:P0} of its variance",
                "Damp the rotation: a gradient penalty, rule extragradient or lookahead, optimistic optimizers, or less momentum (beta1 0)."
            )
            : null;
    }

    // The strongest frequency of a series without its line: its period, its fraction of the variance, and its deviation.
    static (double Period, double Fraction, double Swing) Rhythm(double[] series)
    {
        var n = series.Length;
        var mean = series.Average();
        var middle = (n - 1) / 2.0;
        var slope =
            series.Select((x, t) => (t - middle) * x).Sum()
            / Enumerable.Range(0, n).Sum(t => (t - middle) * (t - middle));
        var rest = series.Select((x, t) => x - mean - slope * (t - middle)).ToArray();
        var total = rest.Sum(x => x * x);
        var rounds = Enumerable.Range(Slowest, n / 2 - Slowest + 1);
        var (best, power) = rounds.Select(k => (k, Power: Power(rest, k))).MaxBy(entry => entry.Power);
        return total == 0 ? (0, 0, 0) : ((double)n / best, power / total, Math.Sqrt(power / n));
    }

    // The part of the sum of squares that is at k rounds.
    static double Power(double[] series, int k)
    {
        double cosine = 0;
        double sine = 0;
        for (var t = 0; t < series.Length; t++)
        {
            var angle = 2 * Math.PI * k * t / series.Length;
            cosine += series[t] * Math.Cos(angle);
            sine += series[t] * Math.Sin(angle);
        }
        return (cosine * cosine + sine * sine) * (2 * k == series.Length ? 1.0 : 2.0) / series.Length;
    }
}
