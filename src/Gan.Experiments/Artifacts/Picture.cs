using System.Runtime.InteropServices;
using SkiaSharp;

namespace Gan.Experiments;

/// <summary>A picture of 8-bit pixels, row by row: one channel (gray) or three (red, green, blue).</summary>
public sealed record Picture(int Width, int Height, int Channels, byte[] Pixels)
{
    const long MostPixels = 1 << 26;

    /// <summary>The bytes of a PNG file; the same picture gives the same bytes.</summary>
    /// <exception cref="ArgumentException">The pixels are not as many as the sizes say.</exception>
    public byte[] Encode()
    {
        if (Width < 1 || Height < 1 || Channels is not (1 or 3) || Pixels.Length != (long)Width * Height * Channels)
            throw new ArgumentException(
                $"A picture of {Width} x {Height} x {Channels} has 1 or 3 channels and {(long)Width * Height * Channels} bytes; got {Pixels.Length}."
            );
        using var bitmap = new SKBitmap(Info(Width, Height, Channels, SKAlphaType.Opaque));
        var to = bitmap.GetPixelSpan();
        if (Channels == 1)
            Pixels.CopyTo(to);
        else
            for (var i = 0; i < Width * Height; i++)
            {
                Pixels.AsSpan(3 * i, 3).CopyTo(to[(4 * i)..]);
                to[4 * i + 3] = byte.MaxValue;
            }
        using var pixels = bitmap.PeekPixels();
        using var file =
            pixels.Encode(SKPngEncoderOptions.Default)
            ?? throw new InvalidOperationException($"A picture of {Width} x {Height} could not be encoded.");
        return file.ToArray();
    }

    /// <summary>
    /// Reads a PNG, JPEG, WebP, BMP or GIF file, of the latter the first picture. Gray ones have one channel; what can be seen
    /// through is laid on white, and what a camera held on its side is upright.
    /// </summary>
    /// <exception cref="UserException">The file is none of these, is cut off or broken, or has more than 67,108,864 pixels.</exception>
    public static Picture Read(string file)
    {
        using var codec = SKCodec.Create(file, out var opened);
        if (codec is null)
            throw Unreadable(
                opened == SKCodecResult.InternalError ? "it cannot be opened" : "it is no PNG, JPEG, WebP, BMP or GIF"
            );
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MostPixels)
            throw Unreadable($"it says that it has {width} x {height} pixels, and at most {MostPixels} are read");
        var channels = codec.Info is { ColorType: SKColorType.Gray8, AlphaType: SKAlphaType.Opaque } ? 1 : 3;
        var info = Info(width, height, channels, channels == 1 ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
        var result = codec.GetPixels(info, out var read);
        if (result != SKCodecResult.Success)
            throw Unreadable(result == SKCodecResult.IncompleteInput ? "it is cut off" : $"it is broken ({result})");
        var pixels = channels == 1 ? read : new byte[3 * width * height];
        if (channels == 3)
            for (var i = 0; i < width * height; i++)
            for (var channel = 0; channel < 3; channel++)
            {
                int alpha = read[4 * i + 3];
                pixels[3 * i + channel] = (byte)(
                    (read[4 * i + channel] * alpha + byte.MaxValue * (byte.MaxValue - alpha) + 127) / byte.MaxValue
                );
            }
        return Upright(new Picture(width, height, channels, pixels), codec.EncodedOrigin);

        UserException Unreadable(string why) => new($"The picture '{file}' cannot be read: {why}.");
    }

    // The first row and column of a camera's file lie where its tag says.
    static Picture Upright(Picture picture, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft or SKEncodedOrigin.Default)
            return picture;
        var (right, bottom, channels) = (picture.Width - 1, picture.Height - 1, picture.Channels);
        var turned = origin >= SKEncodedOrigin.LeftTop;
        var (width, height) = turned ? (picture.Height, picture.Width) : (picture.Width, picture.Height);
        var pixels = new byte[picture.Pixels.Length];
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            var (column, row) = origin switch
            {
                SKEncodedOrigin.TopRight => (right - x, y),
                SKEncodedOrigin.BottomRight => (right - x, bottom - y),
                SKEncodedOrigin.BottomLeft => (x, bottom - y),
                SKEncodedOrigin.LeftTop => (y, x),
                SKEncodedOrigin.RightTop => (y, bottom - x),
                SKEncodedOrigin.RightBottom => (right - y, bottom - x),
                _ => (right - y, x),
            };
            picture
                .Pixels.AsSpan((row * picture.Width + column) * channels, channels)
                .CopyTo(pixels.AsSpan((y * width + x) * channels));
        }
        return new Picture(width, height, channels, pixels);
    }

    static SKImageInfo Info(int width, int height, int channels, SKAlphaType alpha) =>
        new(width, height, channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888, alpha);
}
