using static Gan.Torch.torch;

namespace Gan.Torch;

/// <summary>
/// Numbers from the counter-based generator Philox4x32-10. Element i is a function of (key, i) alone: the same for
/// any shape, order, thread count and device, and the same in float32 and float64 up to rounding.
/// </summary>
/// <remarks>Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</remarks>
public static unsafe class Philox
{
    /// <summary>Uniform on [0, 1), of <paramref name="dtype"/> float32 or float64.</summary>
    public static Tensor Uniform(UInt128 key, long[] size, ScalarType dtype) => Draw(key, size, dtype, 0);

    /// <summary>Standard normal, of <paramref name="dtype"/> float32 or float64.</summary>
    public static Tensor Normal(UInt128 key, long[] size, ScalarType dtype) => Draw(key, size, dtype, 1);

    /// <summary>A permutation of 0 .. count - 1.</summary>
    public static long[] Permutation(UInt128 key, long count)
    {
        var order = new long[count];
        fixed (long* into = order)
            Native.Check(Native.gan_permutation((ulong)(key >> 64), (ulong)key, into, count), "a permutation");
        return order;
    }

    /// <summary>The four 32-bit words of one block, for the published test vectors.</summary>
    internal static uint[] Block(UInt128 key, ulong index)
    {
        var words = new uint[4];
        fixed (uint* into = words)
            Native.gan_philox_block((ulong)(key >> 64), (ulong)key, index, into);
        return words;
    }

    static Tensor Draw(UInt128 key, long[] size, ScalarType dtype, int normal)
    {
        nint result;
        fixed (long* sizes = size)
            Native.Check(
                Native.gan_random((ulong)(key >> 64), (ulong)key, normal, sizes, size.Length, (int)dtype, &result),
                $"random numbers of {dtype}[{string.Join(", ", size)}]"
            );
        return new Tensor(result);
    }
}
