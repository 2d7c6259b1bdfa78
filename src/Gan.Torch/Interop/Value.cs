using static Gan.Torch.torch;

namespace Gan.Torch;

/// <summary>An argument on its way to a boxed call. Tensors and lists stay alive through the call by being referenced here.</summary>
internal readonly struct Value
{
    public readonly object? Reference;
    public readonly long Bits;
    public readonly ArgumentKind Kind;

    Value(ArgumentKind kind, object? reference, long bits)
    {
        Kind = kind;
        Reference = reference;
        Bits = bits;
    }

    /// <summary>An absent optional argument.</summary>
    public static readonly Value None = default;

    public static implicit operator Value(Tensor? tensor) =>
        tensor is null ? None : new(ArgumentKind.Tensor, tensor, 0);

    public static implicit operator Value(Tensor[] tensors) => new(ArgumentKind.Tensors, tensors, 0);

    public static implicit operator Value(long[]? values) => values is null ? None : new(ArgumentKind.Ints, values, 0);

    public static implicit operator Value(long value) => new(ArgumentKind.Int, null, value);

    public static implicit operator Value(long? value) => value is null ? None : value.Value;

    public static implicit operator Value(double value) =>
        new(ArgumentKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Value(bool value) => new(ArgumentKind.Bool, null, value ? 1 : 0);

    public static implicit operator Value(string value) => new(ArgumentKind.String, value, 0);

    public static implicit operator Value(Scalar value) => new(value.Kind, null, value.Bits);

    public static implicit operator Value(Scalar? value) => value is null ? None : value.Value;

    public static implicit operator Value(ScalarType value) => new(ArgumentKind.Int, null, (long)value);

    public static implicit operator Value(ScalarType? value) => value is null ? None : value.Value;

    public static implicit operator Value(Device? device) =>
        device is null ? None : new(ArgumentKind.Device, device, (long)device.type);

    /// <summary>The number of 64-bit words that a list or text needs beside the argument.</summary>
    public int Words =>
        Reference switch
        {
            long[] values => values.Length,
            Tensor[] tensors => tensors.Length,
            string text => text.Length / 8 + 1,
            _ => 0,
        };

    public override string ToString() =>
        Kind switch
        {
            ArgumentKind.None => "none",
            ArgumentKind.Tensor => Reference!.ToString()!,
            ArgumentKind.Tensors => $"[{string.Join(", ", (object[])(Tensor[])Reference!)}]",
            ArgumentKind.Ints => $"[{string.Join(", ", (long[])Reference!)}]",
            ArgumentKind.Double => BitConverter.Int64BitsToDouble(Bits).ToString("R"),
            ArgumentKind.Bool => Bits != 0 ? "true" : "false",
            ArgumentKind.String or ArgumentKind.Device => Reference!.ToString()!,
            _ => Bits.ToString(),
        };
}
