namespace Gan.Torch;

public static partial class torch
{
    /// <summary>Element types, numbered as in libtorch.</summary>
    public enum ScalarType : sbyte
    {
        Byte = 0,
        Int8 = 1,
        Int16 = 2,
        Int32 = 3,
        Int64 = 4,
        Float16 = 5,
        Float32 = 6,
        Float64 = 7,
        ComplexFloat32 = 9,
        ComplexFloat64 = 10,
        Bool = 11,
        BFloat16 = 15,
    }

    public const ScalarType uint8 = ScalarType.Byte;
    public const ScalarType int64 = ScalarType.Int64;
    public const ScalarType float32 = ScalarType.Float32;
    public const ScalarType float64 = ScalarType.Float64;
    public const ScalarType @bool = ScalarType.Bool;

    /// <summary>Where a tensor's memory is.</summary>
    public sealed class Device(DeviceType type, int index = -1) : IEquatable<Device>
    {
        public DeviceType type { get; } = type;

        public int index { get; } = index;

        public bool Equals(Device? other) => other is not null && type == other.type && index == other.index;

        public override bool Equals(object? other) => Equals(other as Device);

        public override int GetHashCode() => HashCode.Combine(type, index);

        public override string ToString() =>
            index < 0 ? type.ToString().ToLowerInvariant() : $"{type.ToString().ToLowerInvariant()}:{index}";
    }

    public static Device CPU { get; } = new(DeviceType.CPU);

    public static Device CUDA { get; } = new(DeviceType.CUDA, 0);
}

public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
}

public static class ScalarTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    public static int ElementSize(this torch.ScalarType type) =>
        type switch
        {
            torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
            torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
            torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
            torch.ScalarType.Int64 or torch.ScalarType.Float64 or torch.ScalarType.ComplexFloat32 => 8,
            torch.ScalarType.ComplexFloat64 => 16,
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This element type has no known size."),
        };

    public static bool IsFloatingPoint(this torch.ScalarType type) =>
        type
            is torch.ScalarType.Float16
                or torch.ScalarType.BFloat16
                or torch.ScalarType.Float32
                or torch.ScalarType.Float64;
}
