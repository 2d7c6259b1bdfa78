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

    /// <summary>c = a b; a and b are contiguous or the transposes of what is, c is contiguous.</summary>
    /// <param name="a">[n, k].</param>
    /// <param name="b">[k, m].</param>
    /// <param name="c">[n, m].</param>
    /// <param name="n">The rows of the result.</param>
    /// <param name="k">The length of the sums.</param>
    /// <param name="m">The columns of the result.</param>
    /// <param name="finish">Is called with each tile once it is there.</param>
    public static void Multiply<T>(Strided<T> a, Strided<T> b, Strided<T> c, int n, int k, int m, Finish? finish)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Math.Min(k, Math.Min(n, m)) <= ThinProducts.Few)
        {
            Thin(a, b, c, n, k, m);
            finish?.Invoke(0, n, 0, m);
            return;
        }
        var byRows = n >= m;
        var side = byRows ? n : m;
        var perLine = Math.Max(1, (long)k * (byRows ? m : n));
        var length = Math.Max(Granule, (TileWork / perLine + Granule - 1) / Granule * Granule);
        ParallelRanges.Run(
            side,
            length,
            (from, until) =>
            {
                var (start, count) = ((int)from, (int)(until - from));
                var (row, rows, column, columns) = byRows ? (start, count, 0, m) : (0, n, start, count);
                Call(a.From(row, 0), b.From(0, column), c.From(row, column), rows, k, columns);
                finish?.Invoke(row, rows, column, columns);
            }
        );
    }

    // Where k is more than a few, only a transposed matrix has rows of stride 1, or columns of another.
    static void Thin<T>(Strided<T> a, Strided<T> b, Strided<T> c, int n, int k, int m)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (k <= ThinProducts.Few)
            ThinProducts.Combine(a, b, c.Start, n, k, m);
        else if (m <= ThinProducts.Few && a.Row == 1)
            ThinProducts.Gather(b, a.Start, c.Transposed, k, m, n);
        else if (m <= ThinProducts.Few)
            ThinProducts.Dot(a.Start, b.Transposed, c, n, m, k);
        else if (b.Column != 1)
            ThinProducts.Dot(b.Start, a, c.Transposed, m, n, k);
        else
            ThinProducts.Gather(a.Transposed, b.Start, c, k, n, m);
    }

    // Fortran's matrices are ours transposed: C^T = B^T A^T.
    static void Call<T>(Strided<T> a, Strided<T> b, Strided<T> c, int n, int k, int m)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (opA, opB) = (a.Column == 1 ? Plain : Transposed, b.Column == 1 ? Plain : Transposed);
        var (lineA, lineB, lineC) = (Math.Max(a.Row, a.Column), Math.Max(b.Row, b.Column), c.Row);
        var (one, zero) = (T.One, T.Zero);
        var export = typeof(T) == typeof(float) ? exports.Value.Single : exports.Value.Double;
        ((delegate* unmanaged<byte*, byte*, int*, int*, int*, T*, T*, int*, T*, int*, T*, T*, int*, void>)export)(
            &opB,
            &opA,
            &m,
            &n,
            &k,
            &one,
            b.Start,
            &lineB,
            a.Start,
            &lineA,
            &zero,
            c.Start,
            &lineC
        );
    }

    static Exports Find()
    {
        Engine.Start();
        return new Exports(NativeLibraries.Export("sgemm_"), NativeLibraries.Export("dgemm_"));
    }
}
