using System.Runtime.CompilerServices;

namespace Gan.Core;

/// <summary>
/// Passes over parts of matrices beside their products: rectifiers r(v) = v where v &gt; 0 and slope v elsewhere, which are the
/// identity at slope 1, and their derivatives. A part is some rows and columns of a matrix with lines of a given length.
/// </summary>
internal static unsafe class Rectifiers
{
    /// <summary>v = r(v + bias), column by column.</summary>
    public static void Apply<T>(T* values, long line, int rows, int columns, T* bias, T slope)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = 0; row < rows; row++)
        {
            var v = values + row * line;
            var j = 0;
            for (; j + Vector<T>.Count <= columns; j += Vector<T>.Count)
                Rectified(Vector.Load(v + j) + Vector.Load(bias + j), slope).Store(v + j);
            for (; j < columns; j++)
                v[j] = Rectified(new Vector<T>(v[j] + bias[j]), slope)[0];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector<T> Rectified<T>(Vector<T> v, T slope)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (slope == T.One)
            return v;
        // Not-a-number stays one.
        return slope == T.Zero
            ? Vector.ConditionalSelect(Vector.LessThanOrEqual(v, Vector<T>.Zero), Vector<T>.Zero, v)
            : Vector.ConditionalSelect(Vector.GreaterThan(v, Vector<T>.Zero), v, v * slope);
    }

    /// <summary>v = v r'(u), with u known by the sign of r(u).</summary>
    public static void Differentiate<T>(T* values, T* rectified, long line, int rows, int columns, T slope)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (slope == T.One)
            return;
        for (var row = 0; row < rows; row++)
        {
            var v = values + row * line;
            var r = rectified + row * line;
            var j = 0;
            for (; j + Vector<T>.Count <= columns; j += Vector<T>.Count)
            {
                var value = Vector.Load(v + j);
                var below = slope == T.Zero ? Vector<T>.Zero : value * slope;
                Vector
                    .ConditionalSelect(Vector.GreaterThan(Vector.Load(r + j), Vector<T>.Zero), value, below)
                    .Store(v + j);
            }
            for (; j < columns; j++)
                if (!(r[j] > T.Zero))
                    v[j] = slope == T.Zero ? T.Zero : v[j] * slope;
        }
    }

    /// <summary>v = row r'(u): one row, differentiated at each row of points.</summary>
    public static void Spread<T>(T* row, T* rectified, T* values, int rows, int columns, T slope)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i < rows; i++)
            new ReadOnlySpan<T>(row, columns).CopyTo(new Span<T>(values + (long)i * columns, columns));
        Differentiate(values, rectified, columns, rows, columns, slope);
    }

    /// <summary>to[i, :] = scale[i] from[i, :] (+ add[i, :], where that is given).</summary>
    public static void ScaleRows<T>(T* from, T* scale, T* add, T* to, int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i < rows; i++)
        {
            var f = from + (long)i * columns;
            var a = add + (long)i * columns;
            var t = to + (long)i * columns;
            var j = 0;
            for (; j + Vector<T>.Count <= columns; j += Vector<T>.Count)
            {
                var scaled = Vector.Load(f + j) * scale[i];
                (add is null ? scaled : scaled + Vector.Load(a + j)).Store(t + j);
            }
            for (; j < columns; j++)
                t[j] = add is null ? f[j] * scale[i] : f[j] * scale[i] + a[j];
        }
    }

    /// <summary>to[j] = sum over rows of v[i, j], times weight[i] where that is given, in the order of the rows.</summary>
    public static void SumRows<T>(T* values, T* weights, T* to, int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        new Span<T>(to, columns).Clear();
        for (var i = 0; i < rows; i++)
        {
            var v = values + (long)i * columns;
            var weight = weights is null ? T.One : weights[i];
            var j = 0;
            for (; j + Vector<T>.Count <= columns; j += Vector<T>.Count)
            {
                var value = Vector.Load(v + j);
                (Vector.Load(to + j) + (weights is null ? value : value * weight)).Store(to + j);
            }
            for (; j < columns; j++)
                to[j] += weights is null ? v[j] : v[j] * weight;
        }
    }

    /// <summary>to[i] = sum over columns of v[i, j]^2, in the order of the columns.</summary>
    public static void SumSquares<T>(T* values, T* to, int rows, int columns)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var i = 0; i < rows; i++)
        {
            var sum = T.Zero;
            for (var j = 0; j < columns; j++)
                sum += values[(long)i * columns + j] * values[(long)i * columns + j];
            to[i] = sum;
        }
    }
}
