using System.Runtime.Intrinsics;

namespace Gan.Core;

/// <summary>
/// Box and Muller's pairs of normal numbers: r cos(2 pi t) and r sin(2 pi t), with r = sqrt(-2 ln u). Logarithm, sine and
/// cosine are series of basic operations, four pairs at a time, so that every processor gives the same bits.
/// </summary>
internal static class NormalPairs
{
    static readonly Vector256<double> one = Vector256<double>.One;

    /// <summary>
    /// Fills <paramref name="count"/> pairs from as many pairs of words of 64 random bits. All spans have a length that is a
    /// multiple of four, and of at least the count.
    /// </summary>
    public static void Fill(
        ReadOnlySpan<ulong> firstWords,
        ReadOnlySpan<ulong> secondWords,
        Span<double> first,
        Span<double> second,
        int count
    )
    {
        for (var i = 0; i < count; i += Vector256<double>.Count)
        {
            var radius = Vector256.Sqrt(LogarithmOf(Vector256.Create(firstWords[i..])) * -2.0);
            var (sine, cosine) = CircleAt(Vector256.Create(secondWords[i..]));
            (radius * cosine).CopyTo(first[i..]);
            (radius * sine).CopyTo(second[i..]);
        }
    }

    // ln u of u in (0, 1]: u = 2^e m with m in [sqrt 1/2, sqrt 2), and ln m = 2 artanh((m - 1) / (m + 1)).
    static Vector256<double> LogarithmOf(Vector256<ulong> words)
    {
        var u = (Vector256.ConvertToDouble((words >> 11).AsInt64()) + one) * (1.0 / (1L << 53));
        var bits = u.AsInt64();
        var half = ((bits & Vector256.Create(0x000fffffffffffffL)) | Vector256.Create(0x3fe0000000000000L)).AsDouble();
        var low = Vector256.LessThan(half, Vector256.Create(0.70710678118654752440));
        var m = Vector256.ConditionalSelect(low, half * 2.0, half);
        var exponent =
            Vector256.ConvertToDouble(bits >>> 52)
            - Vector256.ConditionalSelect(low, Vector256.Create(1023.0), Vector256.Create(1022.0));
        var s = (m - one) / (m + one);
        var z = s * s;
        var series = Vector256.Create(1.0 / 23);
        for (var divisor = 21; divisor >= 3; divisor -= 2)
            series = series * z + Vector256.Create(1.0 / divisor);
        series = series * z + one;
        return s * 2.0 * series + exponent * 0.69314718055994530942;
    }

    // Sine and cosine of 2 pi t, t in [0, 1): Taylor's series within an eighth of a turn, then the quadrant's signs.
    static (Vector256<double> Sine, Vector256<double> Cosine) CircleAt(Vector256<ulong> words)
    {
        var quarters = Vector256.ConvertToDouble((words >> 11).AsInt64()) * (1.0 / (1L << 51));
        var whole = Vector256.Floor(quarters + Vector256.Create(0.5));
        var quadrant = Vector256.ConvertToInt64(whole);
        var r = (quarters - whole) * 1.57079632679489661923;
        var z = r * r;
        var s = Vector256.Create(1.0 / 355687428096000);
        s = s * z - Vector256.Create(1.0 / 1307674368000);
        s = s * z + Vector256.Create(1.0 / 6227020800);
        s = s * z - Vector256.Create(1.0 / 39916800);
        s = s * z + Vector256.Create(1.0 / 362880);
        s = s * z - Vector256.Create(1.0 / 5040);
        s = s * z + Vector256.Create(1.0 / 120);
        s = s * z - Vector256.Create(1.0 / 6);
        s = (s * z + one) * r;
        var c = Vector256.Create(-1.0 / 6402373705728000);
        c = c * z + Vector256.Create(1.0 / 20922789888000);
        c = c * z - Vector256.Create(1.0 / 87178291200);
        c = c * z + Vector256.Create(1.0 / 479001600);
        c = c * z - Vector256.Create(1.0 / 3628800);
        c = c * z + Vector256.Create(1.0 / 40320);
        c = c * z - Vector256.Create(1.0 / 720);
        c = c * z + Vector256.Create(1.0 / 24);
        c = c * z - Vector256.Create(1.0 / 2);
        c = c * z + one;
        var odd = IsSet(quadrant, 1);
        var sine = Vector256.ConditionalSelect(odd, c, s);
        var cosine = Vector256.ConditionalSelect(odd, s, c);
        return (
            Vector256.ConditionalSelect(IsSet(quadrant, 2), -sine, sine),
            Vector256.ConditionalSelect(IsSet(quadrant + Vector256<long>.One, 2), -cosine, cosine)
        );
    }

    static Vector256<double> IsSet(Vector256<long> numbers, long bit) =>
        Vector256.Equals(numbers & Vector256.Create(bit), Vector256.Create(bit)).AsDouble();
}
