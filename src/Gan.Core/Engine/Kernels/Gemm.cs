using System.Numerics;

namespace Gan.Core;

/// <summary>
/// Products of matrices in memory, row by row, by the BLAS that libtorch brings. A large product is cut into tiles of its
/// result, whose size depends on its shape alone, and each tile is finished while it is in the caches.
/// </summary>
internal static unsafe class Gemm
{
    // Multiplications of a tile: some tenths of a millisecond, which are worth a thread.
    const long TileWork = 1 << 23;
    const int Granule = 16;
    const byte Plain = (byte)'N';
    const byte Transposed = (byte)'T';

    static readonly Lazy<Exports> exports = new(Find);

    sealed record Exports(nint Single, nint Double);

    /// <summary>Whether libtorch exports them: Debian's and TorchSharp's builds for Linux do.</summary>
    public static bool IsAvailable => exports.Value is { Single: not 0, Double: not 0 };

    /// <summary>A part of a product's result, to be finished: some rows and columns of it.</summary>
    public delegate void Finish(int row, int rows, int column, int columns);

    /// <summary>c = op(a) op(b), with op(a) of [n, k] and op(b) of [k, m]; all are contiguous.</summary>
    /// <param name="a">[n, k], or [k, n] where it is transposed.</param>
    /// <param name="transposeA">Whether a is taken transposed.</param>
    /// <param name="b">[k, m], or [m, k] where it is transposed.</param>
    /// <param name="transposeB">Whether b is taken transposed.</param>
    /// <param name="c">[n, m].</param>
    /// <param name="n">The rows of the result.</param>
    /// <param name="k">The length of the sums.</param>
    /// <param name="m">The columns of the result.</param>
    /// <param name="finish">Is called with each tile once it is there.</param>
    public static void Multiply<T>(
        T* a,
        bool transposeA,
        T* b,
        bool transposeB,
        T* c,
        int n,
        int k,
        int m,
        Finish? finish
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Math.Min(k, Math.Min(n, m)) <= ThinProducts.Few)
        {
            Thin(a, transposeA, b, transposeB, c, n, k, m);
            finish?.Invoke(0, n, 0, m);
            return;
        }
        var byRows = n >= m;
        var side = byRows ? n : m;
        var perLine = Math.Max(1, (long)k * (byRows ? m : n));
        var length = Math.Max(Granule, (TileWork / perLine + Granule - 1) / Granule * Granule);
        var (first, second, result) = ((nint)a, (nint)b, (nint)c);
        ParallelRanges.Run(
            side,
            length,
            (from, until) =>
            {
                var (start, count) = ((int)from, (int)(until - from));
                var (row, rows, column, columns) = byRows ? (start, count, 0, m) : (0, n, start, count);
                Call(
                    (T*)first + (transposeA ? row : (long)row * k),
                    transposeA,
                    (T*)second + (transposeB ? (long)column * k : column),
                    transposeB,
                    (T*)result + (long)row * m + column,
                    rows,
                    k,
                    columns,
                    n,
                    m
                );
                finish?.Invoke(row, rows, column, columns);
            }
        );
    }

    static void Thin<T>(T* a, bool transposeA, T* b, bool transposeB, T* c, int n, int k, int m)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var left = transposeA ? new Strided<T>(a, 1, n) : new Strided<T>(a, k, 1);
        var right = transposeB ? new Strided<T>(b, 1, k) : new Strided<T>(b, m, 1);
        var result = new Strided<T>(c, m, 1);
        if (k <= ThinProducts.Few)
            ThinProducts.Combine(left, right, c, n, k, m);
        else if (m <= ThinProducts.Few && transposeA)
            ThinProducts.Gather(right, a, result.Transposed, k, m, n);
        else if (m <= ThinProducts.Few)
            ThinProducts.Dot(a, right.Transposed, result, n, m, k);
        else if (transposeB)
            ThinProducts.Dot(b, left, result.Transposed, m, n, k);
        else
            ThinProducts.Gather(left.Transposed, b, result, k, n, m);
    }

    // Fortran's matrices are ours transposed: C^T = B^T A^T. Lines are as long as those of the whole matrices.
    static void Call<T>(
        T* a,
        bool transposeA,
        T* b,
        bool transposeB,
        T* c,
        int n,
        int k,
        int m,
        int allRows,
        int allColumns
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (opA, opB) = (transposeA ? Transposed : Plain, transposeB ? Transposed : Plain);
        var (lineA, lineB, lineC) = (transposeA ? allRows : k, transposeB ? k : allColumns, allColumns);
        var (one, zero) = (T.One, T.Zero);
        var export = typeof(T) == typeof(float) ? exports.Value.Single : exports.Value.Double;
        ((delegate* unmanaged<byte*, byte*, int*, int*, int*, T*, T*, int*, T*, int*, T*, T*, int*, void>)export)(
            &opB,
            &opA,
            &m,
            &n,
            &k,
            &one,
            b,
            &lineB,
            a,
            &lineA,
            &zero,
            c,
            &lineC
        );
    }

    static Exports Find()
    {
        Engine.Start();
        return new Exports(NativeLibraries.Export("sgemm_"), NativeLibraries.Export("dgemm_"));
    }
}
