namespace Gan.Torch;

public static partial class torch
{
    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null) =>
        full(size, 0, dtype, device);

    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null) =>
        full(size, 1, dtype, device);

    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null) =>
        Operators.Full.Call(size, value, dtype ?? ScalarType.Float32, Value.None, device);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null) =>
        full_like(input, 0, dtype, device);

    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null) =>
        full_like(input, 1, dtype, device);

    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null) =>
        Operators.FullLike.Call(input, value, dtype, Value.None, device);

    public static Tensor arange(
        Scalar start,
        Scalar stop,
        Scalar step,
        ScalarType? dtype = null,
        Device? device = null
    ) => Operators.Arange.Call(start, stop, step, dtype, Value.None, device);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null) =>
        arange(start, stop, 1, dtype, device);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null) =>
        arange(0, stop, 1, dtype, device);

    public static Tensor tensor(float scalar) => Tensor.FromData<float>([scalar], [], ScalarType.Float32);

    public static Tensor tensor(double scalar) => Tensor.FromData<double>([scalar], [], ScalarType.Float64);

    public static Tensor tensor(long scalar) => Tensor.FromData<long>([scalar], [], ScalarType.Int64);

    public static Tensor tensor(float[] rawArray, long[]? dimensions = null) =>
        Tensor.FromData<float>(rawArray, dimensions ?? [rawArray.LongLength], ScalarType.Float32);

    public static Tensor tensor(double[] rawArray, long[]? dimensions = null) =>
        Tensor.FromData<double>(rawArray, dimensions ?? [rawArray.LongLength], ScalarType.Float64);

    public static Tensor tensor(long[] rawArray, long[]? dimensions = null) =>
        Tensor.FromData<long>(rawArray, dimensions ?? [rawArray.LongLength], ScalarType.Int64);

    public static Tensor tensor(byte[] rawArray, long[]? dimensions = null) =>
        Tensor.FromData<byte>(rawArray, dimensions ?? [rawArray.LongLength], ScalarType.Byte);

    public static Tensor tensor(bool[] rawArray, long[]? dimensions = null) =>
        Tensor.FromData<bool>(rawArray, dimensions ?? [rawArray.LongLength], ScalarType.Bool);
}
