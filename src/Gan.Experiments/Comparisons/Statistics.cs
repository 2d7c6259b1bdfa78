using MathNet.Numerics.Distributions;

namespace Gan.Experiments;

/// <summary>What some values are, as a mean with its uncertainty.</summary>
/// <param name="Count">How many values there are.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Deviation">Their sample standard deviation; NaN for one value.</param>
/// <param name="Low">The lower end of the mean's 95 % confidence interval; NaN for one value.</param>
/// <param name="High">Its upper end.</param>
public sealed record Summary(int Count, double Mean, double Deviation, double Low, double High);

/// <summary>The statistics of comparisons.</summary>
public static class Statistics
{
    const double Level = 0.95;
    const int Resamples = 10_000;

    /// <summary>
    /// The mean of values, and Student's 95 % interval of it: mean +- t(0.975; n - 1) s / sqrt(n), which takes the values for
    /// normal.
    /// </summary>
    public static Summary Summarize(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            return new Summary(0, double.NaN, double.NaN, double.NaN, double.NaN);
        var mean = values.Average();
        if (values.Count == 1)
            return new Summary(1, mean, double.NaN, double.NaN, double.NaN);
        var deviation =
            values.Distinct().Count() == 1
                ? 0
                : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        var reach = StudentT.InvCDF(0, 1, values.Count - 1, (1 + Level) / 2) * deviation / Math.Sqrt(values.Count);
        return new Summary(values.Count, mean, deviation, mean - reach, mean + reach);
    }

    /// <summary>
    /// The two-sided p-value of the hypothesis that paired differences have mean zero, by the bootstrap (Efron and
    /// Tibshirani 1993, chapter 16): the fraction of resamples of the centered differences whose t-statistic is as large as
    /// the one observed. Differences that are all one value other than zero have no spread to resample; theirs is that of
    /// the signs, 2^(1 - n). With fewer than three pairs it is 1.
    /// </summary>
    /// <param name="differences">The differences, a pair's each.</param>
    /// <param name="seed">The seed of the resamples.</param>
    public static double PairedBootstrap(IReadOnlyList<double> differences, long seed)
    {
        var n = differences.Count;
        if (n < 3 || differences.All(value => value == 0))
            return 1;
        if (differences.All(value => value == differences[0]))
            return Math.Pow(2, 1 - n);
        var mean = differences.Average();
        double[] centered = [.. differences.Select(value => value - mean)];
        var observed = Math.Abs(T([.. differences]));
        var random = new Random((int)(seed % int.MaxValue));
        var resample = new double[n];
        var extreme = 0;
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < n; j++)
                resample[j] = centered[random.Next(n)];
            // A resample of one value repeated says nothing; it counts against the difference.
            if (!(Math.Abs(T(resample)) < observed))
                extreme++;
        }
        return (extreme + 1.0) / (Resamples + 1);
    }

    /// <summary>p-values corrected for being several, by Holm's step-down method (1979), in the order given.</summary>
    public static IReadOnlyList<double> Holm(IReadOnlyList<double> values)
    {
        var corrected = new double[values.Count];
        var largest = 0.0;
        var rank = 0;
        foreach (var i in Enumerable.Range(0, values.Count).OrderBy(i => values[i]))
        {
            largest = Math.Max(largest, Math.Min(1, values[i] * (values.Count - rank++)));
            corrected[i] = largest;
        }
        return corrected;
    }

    // mean / (deviation / sqrt(n)); infinite or NaN where there is no spread.
    static double T(double[] values)
    {
        double sum = 0,
            squares = 0;
        foreach (var value in values)
            sum += value;
        var mean = sum / values.Length;
        foreach (var value in values)
            squares += (value - mean) * (value - mean);
        return mean * Math.Sqrt(values.Length * (values.Length - 1) / squares);
    }
}
