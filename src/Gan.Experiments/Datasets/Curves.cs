namespace Gan.Experiments;

/// <summary>Data sets made by a formula: one point, a roll, tones.</summary>
internal static class Curves
{
    /// <summary>Every point is zero: the data of the Dirac-GAN.</summary>
    public static DatasetSource Dirac()
    {
        var space = new Space.Vector(1, ValueRange.Unbounded);
        return Source("dirac", "dirac", space, (_, count) => zeros([count, 1], ScalarType.Float64));
    }

    /// <summary>
    /// Normal points of the plane: deviations along two axes that are turned by an angle in degrees, around zero.
    /// </summary>
    public static DatasetSource Gaussian(double first, double second, double angle)
    {
        var (sine, cosine) = Math.SinCos(angle * Math.PI / 180);
        return Source(
            "gaussian",
            $"gaussian {first:R} {second:R} {angle:R}",
            new Space.Vector(2, ValueRange.Unbounded),
            (key, count) =>
            {
                var axes = tensor([first * cosine, first * sine, -second * sine, second * cosine], [2, 2]);
                return key.Derive("points").Normal(ScalarType.Float64, count, 2).mm(axes);
            }
        );
    }

    /// <summary>A spiral in the plane: radius and angle grow together, uniformly over one and a half turns, with noise.</summary>
    public static DatasetSource SwissRoll(double noise) =>
        Source(
            "swiss_roll",
            $"swiss_roll {noise:R}",
            new Space.Vector(2, ValueRange.Unbounded),
            (key, count) =>
            {
                var t = (key.Derive("angle").Uniform(ScalarType.Float64, count, 1) * 2 + 1) * (1.5 * Math.PI);
                var roll = cat([t * t.cos(), t * t.sin()], 1) / (4.5 * Math.PI);
                return roll + key.Derive("noise").Normal(ScalarType.Float64, count, 2) * noise;
            }
        );

    /// <summary>
    /// Waveforms: a sine of a pitch between 110 and 880 Hz, log-uniform, under an envelope that rises over 5 to 50 ms
    /// and then decays with a time constant of 0.1 to 0.6 s, of an amplitude between 0.3 and 0.9.
    /// </summary>
    public static DatasetSource Tones(int samples, int sampleRate) =>
        Source(
            "tones",
            $"tones {samples} {sampleRate}",
            new Space.Audio(samples, sampleRate),
            (key, count) =>
            {
                var u = key.Derive("tone").Uniform(ScalarType.Float64, count, 5);
                var time = arange(samples, ScalarType.Float64).view(1, samples) / sampleRate;
                var pitch = (Column(u, 0) * Math.Log(8)).exp() * 110;
                var attack = Column(u, 1) * 0.045 + 0.005;
                var decay = Column(u, 2) * 0.5 + 0.1;
                var envelope = (time / attack).clamp(max: 1) * (-(time - attack).clamp(min: 0) / decay).exp();
                var phase = (time * pitch + Column(u, 3)) * (2 * Math.PI);
                return phase.sin() * envelope * (Column(u, 4) * 0.6 + 0.3);
            }
        );

    static Tensor Column(Tensor matrix, int column) => matrix.narrow(1, column, 1);

    static DatasetSource Source(string kind, string formula, Space space, Func<RandomKey, int, Tensor> make) =>
        new(kind, space, formula, () => new GeneratedDataset(space, formula, make, label: null));
}
