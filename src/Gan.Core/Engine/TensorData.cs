namespace Gan.Core;

/// <summary>The elements of tensors as memory of this process, in row-major order.</summary>
internal static class TensorData
{
    /// <summary>The elements, copied from any device and strides.</summary>
    /// <exception cref="ArgumentException">The elements are not of the type.</exception>
    public static T[] ToArray<T>(Tensor tensor)
        where T : unmanaged
    {
        if (Marshal.SizeOf<T>() != tensor.ElementSize)
            throw new ArgumentException($"The elements of {tensor.Describe()} cannot be read as {typeof(T).Name}.");
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, T>(OnHost(tensor).bytes).ToArray();
    }

    /// <summary>The elements as little-endian bytes.</summary>
    public static byte[] ToBytes(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return OnHost(tensor).bytes.ToArray();
    }

    /// <summary>A tensor of elements that are given as little-endian bytes.</summary>
    public static Tensor FromBytes(ReadOnlySpan<byte> bytes, long[] shape, ScalarType dtype)
    {
        var tensor = empty(shape, dtype);
        bytes.CopyTo(tensor.bytes);
        return tensor;
    }

    /// <summary>The memory of a contiguous tensor on the host, which the caller keeps alive.</summary>
    /// <exception cref="ArgumentException">The tensor is elsewhere, or lies in memory in another order.</exception>
    public static unsafe T* Pointer<T>(Tensor tensor)
        where T : unmanaged
    {
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException($"{tensor.Describe()} is not a contiguous tensor on the CPU.");
        return (T*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
    }

    static Tensor OnHost(Tensor tensor) => tensor.detach().cpu().contiguous();
}
