using System.Numerics;
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
    /// <param name="s">s(i, k) is at i rowOfS + k columnOfS.</param>
    /// <param name="rowOfS">Between rows of s.</param>
    /// <param name="columnOfS">Between columns of s.</param>
    /// <param name="t">t(k, j) is at k rowOfT + j columnOfT.</param>
    /// <param name="rowOfT">Between rows of t.</param>
    /// <param name="columnOfT">Between columns of t.</param>
    /// <param name="c">[n, m].</param>
    /// <param name="n">The rows.</param>
    /// <param name="few">The length of the sums.</param>
    /// <param name="m">The columns.</param>
    public static void Combine<T>(
        T* s,
        int rowOfS,
        int columnOfS,
        T* t,
        int rowOfT,
        int columnOfT,
        T* c,
        int n,
        int few,
        int m
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var memory = Lines(t, rowOfT, columnOfT, few, m);
        var lines = (T*)memory[0];
        for (var i = 0; i < n; i++)
        {
            var to = c + (long)i * m;
            var own = s + (long)i * rowOfS;
            var j = 0;
            for (; j + Vector<T>.Count <= m; j += Vector<T>.Count)
            {
                var sum = Vector.Load(lines + j) * own[0];
                for (var k = 1; k < few; k++)
                    sum += Vector.Load(lines + k * m + j) * own[k * columnOfS];
                sum.Store(to + j);
            }
            for (; j < m; j++)
            {
                var sum = lines[j] * own[0];
                for (var k = 1; k < few; k++)
                    sum += lines[k * m + j] * own[k * columnOfS];
                to[j] = sum;
            }
        }
    }

    /// <summary>c(i, f) = v[i, :] . t(f, :), for few f, in some sums side by side that are then added in their order.</summary>
    /// <param name="v">[n, k].</param>
    /// <param name="t">t(f, j) is at f rowOfT + j columnOfT.</param>
    /// <param name="rowOfT">Between rows of t.</param>
    /// <param name="columnOfT">Between columns of t.</param>
    /// <param name="c">c(i, f) is at i rowOfC + f columnOfC.</param>
    /// <param name="rowOfC">Between rows of c.</param>
    /// <param name="columnOfC">Between columns of c.</param>
    /// <param name="n">The rows of v.</param>
    /// <param name="few">The rows of t.</param>
    /// <param name="k">The length of the sums.</param>
    public static void Dot<T>(
        T* v,
        T* t,
        int rowOfT,
        int columnOfT,
        T* c,
        int rowOfC,
        int columnOfC,
        int n,
        int few,
        int k
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var memory = Lines(t, rowOfT, columnOfT, few, k);
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
                c[(long)i * rowOfC + f * columnOfC] = total;
            }
        }
    }

    /// <summary>c(f, :) = sum over i of s(i, f) v[i, :], for few f, in the order of i.</summary>
    /// <param name="s">s(i, f) is at i rowOfS + f columnOfS.</param>
    /// <param name="rowOfS">Between rows of s.</param>
    /// <param name="columnOfS">Between columns of s.</param>
    /// <param name="v">[n, m].</param>
    /// <param name="c">c(f, j) is at f rowOfC + j columnOfC.</param>
    /// <param name="rowOfC">Between rows of c.</param>
    /// <param name="columnOfC">Between columns of c.</param>
    /// <param name="n">The rows of v: the length of the sums.</param>
    /// <param name="few">The columns of s.</param>
    /// <param name="m">The columns of v.</param>
    public static void Gather<T>(
        T* s,
        int rowOfS,
        int columnOfS,
        T* v,
        T* c,
        int rowOfC,
        int columnOfC,
        int n,
        int few,
        int m
    )
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
                var factor = s[(long)i * rowOfS + f * columnOfS];
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
            c[f * rowOfC + j * columnOfC] = sums[f * m + j];
    }

    // A matrix of any strides, row by row.
    static ChainMemory Lines<T>(T* t, int rowOfT, int columnOfT, int rows, int columns)
        where T : unmanaged
    {
        var memory = new ChainMemory(sizeof(T), (long)rows * columns);
        var lines = (T*)memory[0];
        for (var row = 0; row < rows; row++)
        for (var column = 0; column < columns; column++)
            lines[row * columns + column] = t[row * rowOfT + column * columnOfT];
        return memory;
    }
}
