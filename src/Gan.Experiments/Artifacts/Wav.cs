using System.Buffers.Binary;

namespace Gan.Experiments;

/// <summary>Writes sounds as WAV files: one channel of 16-bit samples.</summary>
public static class Wav
{
    const int Head = 44;

    /// <summary>The file's bytes; samples are from -1 to 1, and what is beyond is cut off.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="rate">How many of them a second has.</param>
    public static byte[] Encode(IReadOnlyList<float> samples, int rate)
    {
        var file = new byte[Head + 2 * samples.Count];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), rate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), 2 * rate);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), 2 * samples.Count);
        for (var i = 0; i < samples.Count; i++)
        {
            var value = float.IsNaN(samples[i]) ? 0 : Math.Clamp(samples[i], -1, 1);
            BinaryPrimitives.WriteInt16LittleEndian(
                file.AsSpan(Head + 2 * i),
                (short)MathF.Round(value * short.MaxValue)
            );
        }
        return file;
    }
}
