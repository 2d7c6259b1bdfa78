namespace Gan.Torch;

/// <summary>A number that is not a tensor: an integer, a real or a truth value. It is an immediate and owns nothing.</summary>
public readonly struct Scalar
{
    internal readonly ArgumentKind Kind;
    internal readonly long Bits;

    Scalar(ArgumentKind kind, long bits)
    {
        Kind = kind;
        Bits = bits;
    }

    public static implicit operator Scalar(int value) => new(ArgumentKind.Int, value);

    public static implicit operator Scalar(long value) => new(ArgumentKind.Int, value);

    public static implicit operator Scalar(float value) => (double)value;

    public static implicit operator Scalar(double value) =>
        new(ArgumentKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Scalar(bool value) => new(ArgumentKind.Bool, value ? 1 : 0);
}
