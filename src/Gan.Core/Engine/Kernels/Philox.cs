namespace Gan.Core;

/// <summary>
/// Numbers from the counter-based generator Philox4x32-10. Element i is a function of (key, i) alone: the same for
/// any shape, order, thread count and device, and the same in float32 and float64 up to rounding.
/// </summary>
/// <remarks>
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Each block of 128 bits gives two
/// numbers. Normal ones are Box and Muller's pairs (<see cref="NormalPairs"/>).
/// </remarks>
public static class Philox
{
    // Numbers that one thread fills at a time: even, since they come in pairs.
    const long RangeLength = 16384;
    const int PairsAtOnce = 128;

    /// <summary>Uniform on [0, 1), of <paramref name="dtype"/> float32 or float64: the leading 24 or 53 bits of each 64.</summary>
    /// <exception cref="ArgumentException">Another element type.</exception>
    public static Tensor Uniform(UInt128 key, long[] size, ScalarType dtype) => Draw(key, size, dtype, normal: false);

    /// <summary>Standard normal, of <paramref name="dtype"/> float32 or float64.</summary>
    /// <exception cref="ArgumentException">Another element type.</exception>
    public static Tensor Normal(UInt128 key, long[] size, ScalarType dtype) => Draw(key, size, dtype, normal: true);

    /// <summary>A permutation of 0 .. count - 1, by Fisher and Yates.</summary>
    public static long[] Permutation(UInt128 key, long count)
    {
        var order = new long[count];
        for (long i = 0; i < count; i++)
            order[i] = i;
        for (var i = count - 1; i > 0; i--)
        {
            var (first, second) = Words(key, (ulong)i / 2);
            var other = (long)Math.BigMul(i % 2 == 0 ? first : second, (ulong)(i + 1), out _);
            (order[i], order[other]) = (order[other], order[i]);
        }
        return order;
    }

    static unsafe Tensor Draw(UInt128 key, long[] size, ScalarType dtype, bool normal)
    {
        Engine.Start();
        if (dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"Random numbers are Float32 or Float64; got {dtype}.", nameof(dtype));
        var tensor = TensorScope.Watch(empty(size, dtype));
        var memory = (nint)TensorData.Pointer<byte>(tensor);
        ParallelRanges.Run(
            tensor.numel(),
            RangeLength,
            (from, until) =>
            {
                var count = (int)(until - from);
                if (dtype == ScalarType.Float32)
                    Fill(key, from, new Span<float>((float*)memory + from, count), normal);
                else
                    Fill(key, from, new Span<double>((double*)memory + from, count), normal);
            }
        );
        GC.KeepAlive(tensor);
        return tensor;
    }

    static void Fill<T>(UInt128 key, long start, Span<T> numbers, bool normal)
        where T : unmanaged, System.Numerics.IFloatingPoint<T>
    {
        Span<ulong> firstWords = stackalloc ulong[PairsAtOnce];
        Span<ulong> secondWords = stackalloc ulong[PairsAtOnce];
        Span<double> first = stackalloc double[PairsAtOnce];
        Span<double> second = stackalloc double[PairsAtOnce];
        for (var done = 0; done < numbers.Length; done += 2 * PairsAtOnce)
        {
            var left = numbers[done..];
            var pairs = Math.Min(PairsAtOnce, (left.Length + 1) / 2);
            for (var i = 0; i < pairs; i++)
                (firstWords[i], secondWords[i]) = Words(key, (ulong)(start + done) / 2 + (ulong)i);
            if (normal)
                NormalPairs.Fill(firstWords, secondWords, first, second, pairs);
            else
                for (var i = 0; i < pairs; i++)
                    (first[i], second[i]) = (Fraction<T>(firstWords[i]), Fraction<T>(secondWords[i]));
            for (var i = 0; i < pairs; i++)
            {
                left[2 * i] = T.CreateTruncating(first[i]);
                if (2 * i + 1 < left.Length)
                    left[2 * i + 1] = T.CreateTruncating(second[i]);
            }
        }
    }

    // The leading bits of a word as a fraction, as many as the type holds: none rounds up to 1.
    static double Fraction<T>(ulong word) =>
        typeof(T) == typeof(float) ? (word >> 40) * (1.0 / (1 << 24)) : (word >> 11) * (1.0 / (1L << 53));

    /// <summary>
    /// One block: two words of 64 bits. The low half of the 128-bit key is Philox's key, the high half the upper half of its
    /// counter.
    /// </summary>
    internal static (ulong First, ulong Second) Words(UInt128 key, ulong index)
    {
        var (keyHigh, keyLow) = ((ulong)(key >> 64), (ulong)key);
        var (c0, c1) = ((uint)index, (uint)(index >> 32));
        var (c2, c3) = ((uint)keyHigh, (uint)(keyHigh >> 32));
        var (k0, k1) = ((uint)keyLow, (uint)(keyLow >> 32));
        for (var round = 0; round < 10; round++)
        {
            var first = 0xD2511F53ul * c0;
            var second = 0xCD9E8D57ul * c2;
            (c0, c1) = ((uint)(second >> 32) ^ c1 ^ k0, (uint)second);
            (c2, c3) = ((uint)(first >> 32) ^ c3 ^ k1, (uint)first);
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        return ((ulong)c1 << 32 | c0, (ulong)c3 << 32 | c2);
    }
}
