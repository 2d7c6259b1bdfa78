using System.Buffers.Binary;
using System.IO.Compression;

namespace Gan.Experiments;

/// <summary>A picture of 8-bit pixels, row by row: one channel (grey) or three (red, green, blue).</summary>
public sealed record Picture(int Width, int Height, int Channels, byte[] Pixels);

/// <summary>Writes PNG files (ISO/IEC 15948): one IDAT, no interlace.</summary>
public static class Png
{
    static readonly uint[] CrcTable = MakeCrcTable();

    /// <summary>The file's bytes.</summary>
    public static byte[] Encode(Picture picture)
    {
        var stride = picture.Width * picture.Channels;
        if (picture.Pixels.Length != stride * picture.Height || picture.Channels is not (1 or 3))
            throw new ArgumentException(
                $"A picture of {picture.Width} x {picture.Height} x {picture.Channels} has {stride * picture.Height} bytes and 1 or 3 channels; got {picture.Pixels.Length}."
            );
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            for (var row = 0; row < picture.Height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(picture.Pixels, row * stride, stride);
            }
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8;
        header[9] = (byte)(picture.Channels == 1 ? 0 : 2);
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, packed.ToArray());
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    static void WriteChunk(Stream file, ReadOnlySpan<byte> type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        file.Write(number);
    }

    static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
            crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var c = n;
            for (var bit = 0; bit < 8; bit++)
                c = (c & 1) != 0 ? 0xedb88320 ^ (c >> 1) : c >> 1;
            table[n] = c;
        }
        return table;
    }
}
