namespace Gan.Core;

/// <summary>What is asked of tensors, and told of them, in many places.</summary>
public static class TensorFacts
{
    /// <summary>The element type and the shape, for instance <c>Float32[64, 100]</c>; and the device, where it is not the CPU.</summary>
    public static string Describe(this Tensor tensor)
    {
        if (tensor.IsInvalid)
            return "a disposed tensor";
        var where = tensor.device_type == DeviceType.CPU ? "" : $" on {tensor.device}";
        return $"{tensor.dtype}[{string.Join(", ", tensor.shape)}]{where}";
    }

    /// <summary>Whether two tensors have the same sizes. Each step asks of each weight: no arrays are made.</summary>
    internal static bool HasShapeOf(this Tensor tensor, Tensor other)
    {
        if (tensor.ndim != other.ndim)
            return false;
        for (var i = 0; i < tensor.ndim; i++)
            if (tensor.size(i) != other.size(i))
                return false;
        return true;
    }
}
