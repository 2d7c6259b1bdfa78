namespace Gan.Core;

/// <summary>
/// Ranges of elements dealt to threads. How they are cut depends on their number alone, and no two meet: results are the
/// same to the bit on any number of threads.
/// </summary>
internal static class ParallelRanges
{
    /// <summary>Calls <paramref name="body"/> with [0, count) cut into ranges of a length, the last one shorter.</summary>
    public static void Run(long count, long length, Action<long, long> body)
    {
        var ranges = (int)((count + length - 1) / length);
        if (ranges <= 1 || Engine.Threads == 1)
        {
            for (long start = 0; start < count; start += length)
                body(start, Math.Min(count, start + length));
            return;
        }
        Parallel.For(
            0,
            ranges,
            new ParallelOptions { MaxDegreeOfParallelism = Engine.Threads },
            range => body(range * length, Math.Min(count, (range + 1) * length))
        );
    }
}
