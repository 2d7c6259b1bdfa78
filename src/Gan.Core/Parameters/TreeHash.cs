using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gan.Core;

/// <summary>The SHA-256 of named tensors: over path, dtype, shape and little-endian bytes, in the paths' ordinal order.</summary>
internal static class TreeHash
{
    public static string Of(IEnumerable<NamedTensor> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, tensor) in entries.OrderBy(entry => entry.Path, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\0{tensor.dtype}\0"));
            var shape = tensor.shape;
            var sizes = new byte[8 * (shape.Length + 1)];
            BinaryPrimitives.WriteInt64LittleEndian(sizes, shape.Length);
            for (var i = 0; i < shape.Length; i++)
                BinaryPrimitives.WriteInt64LittleEndian(sizes.AsSpan(8 * (i + 1)), shape[i]);
            hash.AppendData(sizes);
            hash.AppendData(TensorData.ToBytes(tensor));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
