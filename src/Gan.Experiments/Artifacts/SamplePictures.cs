namespace Gan.Experiments;

/// <summary>Pictures of samples: images side by side, vectors as points or bars, waveforms as lines.</summary>
public static class SamplePictures
{
    const int PlotSize = 384;
    const int WaveWidth = 256;
    const int WaveHeight = 48;

    /// <summary>
    /// A picture of a sample of a space; <paramref name="reference"/>, real points where given, gives a plot its frame
    /// and its gray background.
    /// </summary>
    public static Picture Of(Space space, Sample sample, Sample? reference) =>
        space.Match(
            image => Grid(Pixels(sample.Single, image.Range)),
            audio => Waves(TensorData.ToArray<float>(sample.Single.to_type(ScalarType.Float32)), audio.Samples),
            vector => vector.Dimensions == 2 ? Scatter(sample.Single, reference?.Single) : Bars(sample.Single, vector),
            label => throw NoPicture(label),
            text => throw NoPicture(text),
            product => Of(product.Factors[0].Space, new Sample(sample.Components[0]), null)
        );

    static ArgumentException NoPicture(Space space) => new($"There is no picture of {space.Describe()}.");

    static Tensor Pixels(Tensor images, ValueRange range)
    {
        var unit = range == ValueRange.Unit ? images : (images + 1) * 0.5;
        return (unit.clamp(0, 1) * 255).round().to_type(ScalarType.Byte);
    }

    // Of [count, channels, height, width] bytes: images enlarged, in black borders; cells that are left over are black.
    static Picture Grid(Tensor images)
    {
        var (count, shown) = ((int)images.size(0), images.size(1) == 3 ? 3 : 1);
        var columns = (int)Math.Ceiling(Math.Sqrt(count));
        var rows = (count + columns - 1) / columns;
        var scale = Math.Max(1, 64 / Math.Max(images.size(2), images.size(3)));
        var enlarged = images.narrow(1, 0, shown).repeat_interleave(scale, 2).repeat_interleave(scale, 3);
        var cells = nn.functional.pad(enlarged, [1, 1, 1, 1, 0, 0, 0, rows * columns - count]);
        var (height, width) = ((int)cells.size(2), (int)cells.size(3));
        var page = cells.reshape(rows, columns, shown, height, width).permute(0, 3, 1, 4, 2);
        return new Picture(columns * width, rows * height, shown, TensorData.ToArray<byte>(page));
    }

    static Picture Scatter(Tensor points, Tensor? reference)
    {
        var page = new byte[PlotSize * PlotSize * 3];
        Array.Fill(page, (byte)255);
        var real = reference is null ? [] : TensorData.ToArray<double>(reference.to_type(ScalarType.Float64));
        var fake = TensorData.ToArray<double>(points.to_type(ScalarType.Float64));
        var reach =
            (real.Length > 0 ? real : fake).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max() * 1.3
            + 1e-9;
        Dots(page, real, reach, [190, 190, 190]);
        Dots(page, fake, reach, [200, 40, 40]);
        return new Picture(PlotSize, PlotSize, 3, page);
    }

    static void Dots(byte[] page, double[] points, double reach, byte[] color)
    {
        for (var i = 0; i + 1 < points.Length; i += 2)
        {
            var x = (points[i] / reach + 1) / 2 * (PlotSize - 1);
            var y = (1 - points[i + 1] / reach) / 2 * (PlotSize - 1);
            // Comparisons with NaN are false: a point that is not a number is not drawn.
            if (!(x >= 1 && x < PlotSize - 1 && y >= 1 && y < PlotSize - 1))
                continue;
            for (var dy = 0; dy < 2; dy++)
            for (var dx = 0; dx < 2; dx++)
                color.CopyTo(page, (((int)y + dy) * PlotSize + (int)x + dx) * 3);
        }
    }

    // One row per point, one square per coordinate, from black (least) to white.
    static Picture Bars(Tensor points, Space.Vector vector)
    {
        var range = vector.Range == ValueRange.Unbounded ? ValueRange.Symmetric : vector.Range;
        return Grid(Pixels(points, range).reshape(-1, 1, 1, vector.Dimensions));
    }

    static Picture Waves(float[] values, int samples)
    {
        var count = values.Length / samples;
        var columns = (int)Math.Ceiling(Math.Sqrt(count / 4.0));
        var rows = (count + columns - 1) / columns;
        var width = columns * WaveWidth;
        var page = new byte[width * rows * WaveHeight];
        for (var i = 0; i < count; i++)
        for (var x = 0; x < WaveWidth - 4; x++)
        {
            var from = (int)((long)x * samples / (WaveWidth - 4));
            var end = Math.Max(from + 1, (int)((long)(x + 1) * samples / (WaveWidth - 4)));
            var part = values.AsSpan(i * samples + from, end - from);
            var (low, high) = (1f, -1f);
            foreach (var value in part)
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            for (var y = 0; y < WaveHeight; y++)
            {
                var level = 1 - 2f * y / (WaveHeight - 1);
                if (level >= low - 0.03f && level <= high + 0.03f)
                    page[(i / columns * WaveHeight + y) * width + i % columns * WaveWidth + x] = 255;
            }
        }
        return new Picture(width, rows * WaveHeight, 1, page);
    }
}
