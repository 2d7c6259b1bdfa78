using System.Runtime.Intrinsics;

namespace Gan.Core;

/// <summary>
/// Products of matrices of which one side has few elements, at most <see cref="Few"/>: a BLAS is slow at them. All are in
/// one order of operations, so the bits are the same on every processor.
/// </summary>
internal static unsafe class ThinProducts
{
    /// <summary>The longest side that counts as few.</summary>
    public const int Few = 4;

    /// <summary>c[i, :] = sum over k of s(i, k) t(k, :), for few k.</summary>
    /// <param name="s">[n, few].</param>
    /// <param name="t">[few, m].</param>
    /// <param name="c">[n, m].</param>
    /// <param name="n">The rows.</param>
    /// <param name="few">The length of the sums.</param>
    /// <param name="m">The columns.</param>
    public static void Combine<T>(Strided<T> s, Strided<T> t, T* c, int n, int few, int m)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var memory = Lines(t, few, m);
        var lines = (T*)memory[0];
        var column = s.Column;
        for (var i = 0; i < n; i++)
        {
            var to = c + (long)i * m;
            var own = s.Start + (long)i * s.Row;
            var j = 0;
            for (; j + Vector<T>.Count <= m; j += Vector<T>.Count)
            {
                var sum = Vector.Load(lines + j) * own[0];
                for (var k = 1; k < few; k++)
                    sum += Vector.Load(lines + k * m + j) * own[k * column];
                sum.Store(to + j);
            }
            for (; j < m; j++)
            {
                var sum = lines[j] * own[0];
                for (var k = 1; k < few; k++)
                    sum += lines[k * m + j] * own[k * column];
                to[j] = sum;
            }
        }
    }

    /// <summary>c(i, f) = v[i, :] . t(f, :), for few f, in some sums side by side that are then added in their order.</summary>
    /// <param name="v">[n, k].</param>
    /// <param name="t">[few, k].</param>
    /// <param name="c">[n, few].</param>
    /// <param name="n">The rows of v.</param>
    /// <param name="few">The rows of t.</param>
    /// <param name="k">The length of the sums.</param>
    public static void Dot<T>(T* v, Strided<T> t, Strided<T> c, int n, int few, int k)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var memory = Lines(t, few, k);
        var lines = (T*)memory[0];
        var width = Vector256<T>.Count;
        var whole = k / (4 * width) * (4 * width);
        for (var i = 0; i < n; i++)
        {
            var row = v + (long)i * k;
            for (var f = 0; f < few; f++)
            {
                var line = lines + f * k;
                Vector256<T> first = default;
                Vector256<T> second = default;
                Vector256<T> third = default;
                Vector256<T> fourth = default;
                for (var j = 0; j < whole; j += 4 * width)
                {
                    first += Vector256.Load(row + j) * Vector256.Load(line + j);
                    second += Vector256.Load(row + j + width) * Vector256.Load(line + j + width);
                    third += Vector256.Load(row + j + 2 * width) * Vector256.Load(line + j + 2 * width);
                    fourth += Vector256.Load(row + j + 3 * width) * Vector256.Load(line + j + 3 * width);
                }
                var sums = (first + second) + (third + fourth);
                var total = T.Zero;
                for (var lane = 0; lane < width; lane++)
                    total += sums[lane];
                for (var j = whole; j < k; j++)
                    total += row[j] * line[j];
                c.Start[(long)i * c.Row + f * c.Column] = total;
            }
        }
    }

    /// <summary>c(f, :) = sum over i of s(i, f) v[i, :], for few f, in the order of i.</summary>
    /// <param name="s">[n, few].</param>
    /// <param name="v">[n, m].</param>
    /// <param name="c">[few, m].</param>
    /// <param name="n">The rows of v: the length of the sums.</param>
    /// <param name="few">The columns of s.</param>
    /// <param name="m">The columns of v.</param>
    public static void Gather<T>(Strided<T> s, T* v, Strided<T> c, int n, int few, int m)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var memory = new ChainMemory(sizeof(T), (long)few * m);
        var sums = (T*)memory[0];
        new Span<T>(sums, few * m).Clear();
        for (var i = 0; i < n; i++)
        {
            var row = v + (long)i * m;
            for (var f = 0; f < few; f++)
            {
                var factor = s.Start[(long)i * s.Row + f * s.Column];
                var to = sums + f * m;
                var j = 0;
                for (; j + Vector<T>.Count <= m; j += Vector<T>.Count)
                    (Vector.Load(to + j) + Vector.Load(row + j) * factor).Store(to + j);
                for (; j < m; j++)
                    to[j] += row[j] * factor;
            }
        }
        for (var f = 0; f < few; f++)
        for (var j = 0; j < m; j++)
            c.Start[f * c.Row + j * c.Column] = sums[f * m + j];
    }

    // A matrix of any strides, row by row.
    static ChainMemory Lines<T>(Strided<T> t, int rows, int columns)
        where T : unmanaged
    {
        var memory = new ChainMemory(sizeof(T), (long)rows * columns);
        var lines = (T*)memory[0];
        for (var row = 0; row < rows; row++)
        for (var column = 0; column < columns; column++)
            lines[row * columns + column] = t.Start[row * t.Row + column * t.Column];
        return memory;
    }
}
