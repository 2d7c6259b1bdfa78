using System.Buffers.Binary;
using System.Text.Json;

namespace Gan.Core;

/// <summary>
/// Reads and writes the safetensors format: eight bytes with the header's length, a JSON header of names, dtypes, shapes
/// and offsets, then the tensors' little-endian bytes. What is read is checked before it is believed.
/// </summary>
public static class Safetensors
{
    const int HeaderLimit = 100_000_000;

    static readonly Dictionary<string, (ScalarType Type, int Bytes)> Types = new()
    {
        ["F32"] = (ScalarType.Float32, 4),
        ["F64"] = (ScalarType.Float64, 8),
        ["I64"] = (ScalarType.Int64, 8),
        ["U8"] = (ScalarType.Byte, 1),
        ["BOOL"] = (ScalarType.Bool, 1),
    };

    /// <summary>Writes named tensors, in the order given, and texts for the header's metadata.</summary>
    public static void Write(
        Stream stream,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string> metadata
    )
    {
        var entries = tensors.ToArray();
        var header = new Dictionary<string, object> { ["__metadata__"] = new Dictionary<string, string>(metadata) };
        long offset = 0;
        foreach (var (name, tensor) in entries)
        {
            var end = offset + tensor.numel() * tensor.ElementSize;
            var entry = new
            {
                dtype = NameOf(tensor.dtype),
                tensor.shape,
                data_offsets = new[] { offset, end },
            };
            header.Add(name, entry);
            offset = end;
        }
        using var buffer = new MemoryStream();
        JsonSerializer.Serialize(buffer, header);
        while (buffer.Length % 8 != 0)
            buffer.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, buffer.Length);
        stream.Write(length);
        buffer.Position = 0;
        buffer.CopyTo(stream);
        foreach (var (_, tensor) in entries)
            stream.Write(TensorData.ToBytes(tensor));
    }

    /// <summary>Reads the header's metadata alone, without loading libtorch.</summary>
    /// <exception cref="InvalidDataException">The stream is not safetensors.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(Stream stream) => ReadHeader(stream).Metadata;

    /// <summary>Reads all tensors.</summary>
    /// <exception cref="InvalidDataException">The stream is not safetensors, or ends early; the message says where.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(Stream stream)
    {
        var header = ReadHeader(stream);
        var tensors = new Dictionary<string, Tensor>();
        long position = 0;
        foreach (var entry in header.Entries.OrderBy(entry => entry.Start))
        {
            if (entry.Start != position)
                throw new InvalidDataException(
                    $"The tensor '{entry.Name}' starts at {entry.Start}; expected {position}."
                );
            var bytes = new byte[entry.End - entry.Start];
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                throw new InvalidDataException($"The file ends inside the tensor '{entry.Name}'.");
            tensors.Add(entry.Name, TensorData.FromBytes(bytes, entry.Shape, entry.Type));
            position = entry.End;
        }
        return tensors;
    }

    sealed record Entry(string Name, ScalarType Type, long[] Shape, long Start, long End);

    sealed record Header(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<Entry> Entries);

    static Header ReadHeader(Stream stream)
    {
        var prefix = new byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
            throw new InvalidDataException("The file is too short for safetensors.");
        var length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length is < 2 or > HeaderLimit || (stream.CanSeek && length > stream.Length - 8))
            throw new InvalidDataException($"The file is not safetensors: its header would have {length} bytes.");
        var text = new byte[length];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
            throw new InvalidDataException("The file ends inside its header.");
        try
        {
            using var json = JsonDocument.Parse(text);
            var metadata = new Dictionary<string, string>();
            var entries = new List<Entry>();
            foreach (var property in json.RootElement.EnumerateObject())
                if (property.Name == "__metadata__")
                    foreach (var item in property.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? "";
                else
                    entries.Add(ReadEntry(property));
            return new Header(metadata, entries);
        }
        catch (Exception failure)
            when (failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"The file's safetensors header cannot be read: {failure.Message}");
        }
    }

    static Entry ReadEntry(JsonProperty property)
    {
        var typeName = property.Value.GetProperty("dtype").GetString() ?? "";
        if (!Types.TryGetValue(typeName, out var element))
            throw new InvalidDataException(
                $"The tensor '{property.Name}' has the dtype '{typeName}', which is not read here."
            );
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64())];
        // A double does not wrap around, and is exact where it is not refused; what is past a long stays so.
        var bytes = shape.Aggregate((double)element.Bytes, (a, b) => a >= long.MaxValue ? a : a * b);
        if (
            offsets is not [>= 0, _]
            || shape.Any(size => size < 0)
            || offsets[1] - offsets[0] != bytes
            || bytes > int.MaxValue
        )
            throw new InvalidDataException(
                $"The tensor '{property.Name}' of {typeName}[{string.Join(", ", shape)}] does not fit its offsets [{string.Join(", ", offsets)}]."
            );
        return new Entry(property.Name, element.Type, shape, offsets[0], offsets[1]);
    }

    static string NameOf(ScalarType type) =>
        Types.FirstOrDefault(pair => pair.Value.Type == type).Key
        ?? throw new ArgumentException($"Tensors of {type} are not written to safetensors here.");
}
