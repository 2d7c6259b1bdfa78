namespace Gan.Experiments;

/// <summary>Sounds of samples: a few waveforms one after the other.</summary>
public static class SampleSounds
{
    const int Most = 8;
    const double Pause = 0.15;

    /// <summary>The first points of a sample as one WAV file; null where no component of the space is a waveform.</summary>
    public static byte[]? Of(Space space, Sample sample) =>
        space.Match(
            _ => null,
            audio => Joined(sample.Single, audio),
            _ => null,
            _ => null,
            _ => null,
            product =>
                product.Factors.FirstOrDefault(factor => factor.Space is Space.Audio)
                    is { Space: Space.Audio audio } heard
                    ? Joined(sample[heard.Name], audio)
                    : null
        );

    static byte[] Joined(Tensor waves, Space.Audio audio)
    {
        var count = (int)Math.Min(Most, waves.size(0));
        var values = TensorData.ToArray<float>(waves.narrow(0, 0, count).to_type(ScalarType.Float32));
        var pause = new float[(int)(Pause * audio.SampleRate)];
        return Wav.Encode([.. values.Chunk(audio.Samples).SelectMany(wave => wave.Concat(pause))], audio.SampleRate);
    }
}
