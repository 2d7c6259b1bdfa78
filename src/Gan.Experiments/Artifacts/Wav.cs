namespace Gan.Experiments;

/// <summary>Writes sounds as WAV files: one channel of 16-bit samples.</summary>
public static class Wav
{
    const int Head = 44;

    /// <summary>The file's bytes; samples are from -1 to 1, and what is beyond is cut off.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="sampleRate">How many of them a second has.</param>
    public static byte[] Encode(IReadOnlyList<float> samples, int sampleRate)
    {
        var length = 2 * samples.Count;
        using var file = new MemoryStream(Head + length);
        using var writer = new BinaryWriter(file);
        writer.Write("RIFF"u8);
        writer.Write(Head - 8 + length);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)1);
        writer.Write((short)1);
        writer.Write(sampleRate);
        writer.Write(2 * sampleRate);
        writer.Write((short)2);
        writer.Write((short)16);
        writer.Write("data"u8);
        writer.Write(length);
        foreach (var sample in samples)
        {
            var value = float.IsNaN(sample) ? 0 : Math.Clamp(sample, -1, 1);
            writer.Write((short)MathF.Round(value * short.MaxValue));
        }
        return file.ToArray();
    }
}
