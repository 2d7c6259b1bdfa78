using System.Buffers.Binary;
using System.IO.Compression;

namespace Gan.Experiments;

/// <summary>
/// Reads pictures in MNIST's IDX format, gzipped or not, from a folder: the training pictures where there are any, and
/// otherwise the test pictures, as they are.
/// </summary>
internal static class IdxFolder
{
    const int PictureMagic = 0x00000803;
    const int LabelMagic = 0x00000801;
    const int CountLimit = 10_000_000;

    /// <summary>Gray pictures of 28 x 28, as MNIST, Fashion-MNIST and EMNIST have them.</summary>
    public static DatasetSource Source(string folder, ValueRange range, bool labeled)
    {
        var space = new Space.Image(1, 28, 28, range);
        return new DatasetSource("mnist", space, folder, Open)
        {
            Condition = labeled ? new Space.Label(Pixels.Digits) : null,
        };

        IDataset Open()
        {
            var pictures = FindPictures(folder);
            return Pixels.Dataset(
                space,
                Read(pictures, Pictures),
                labeled ? Pixels.Labels(Read(LabelsOf(pictures), Labels)) : null
            );
        }
    }

    // Labels are named as their pictures are, but for two words.
    static string LabelsOf(string pictures)
    {
        var name = Path.GetFileName(pictures)
            .Replace("images", "labels", StringComparison.OrdinalIgnoreCase)
            .Replace("idx3", "idx1", StringComparison.OrdinalIgnoreCase);
        var file = Path.Combine(Path.GetDirectoryName(pictures)!, name);
        return File.Exists(file)
            ? file
            : throw new UserException(
                $"There is no file of labels '{file}' beside the pictures; leave data.labels out."
            );
    }

    // [count] int64 labels of one file, from 0 to 9.
    static Tensor Labels(string file, Stream stream)
    {
        const int headerSize = 8;
        var all = ReadWhole(stream, CountLimit + headerSize);
        if (all.Length < headerSize || BinaryPrimitives.ReadInt32BigEndian(all) != LabelMagic)
            throw new UserException($"'{file}' is no IDX file of labels: it does not begin with 00000801.");
        var labels = all.Skip(headerSize).Select(label => (long)label).ToArray();
        var count = BinaryPrimitives.ReadInt32BigEndian(all.AsSpan(4));
        if (labels.Length != count)
            throw new UserException($"'{file}' says it holds {count} labels, and has {labels.Length}.");
        return labels.FirstOrDefault(label => label >= Pixels.Digits, -1) is >= 0 and var wrong
            ? throw new UserException($"'{file}' has a label {wrong}; labels are from 0 to {Pixels.Digits - 1}.")
            : tensor(labels);
    }

    static string FindPictures(string folder)
    {
        if (!Directory.Exists(folder))
            throw new UserException(
                $"There is no folder '{Path.GetFullPath(folder)}'; set data.folder to one that holds train-images-idx3-ubyte or t10k-images-idx3-ubyte, gzipped or not."
            );
        var files = Directory
            .GetFiles(folder)
            .Where(file => Path.GetFileName(file).Contains("images", StringComparison.OrdinalIgnoreCase))
            .Where(file => Path.GetFileName(file).Contains("idx3", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .ToArray();
        return files.FirstOrDefault(file => Path.GetFileName(file).Contains("train"))
            ?? files.FirstOrDefault()
            ?? throw new UserException(
                $"The folder '{Path.GetFullPath(folder)}' holds no IDX pictures: no file named like train-images-idx3-ubyte or t10k-images-idx3-ubyte."
            );
    }

    // [count, 1, 28, 28] bytes of one file.
    static Tensor Pictures(string file, Stream stream)
    {
        var header = new byte[16];
        if (stream.ReadAtLeast(header, 16, throwOnEndOfStream: false) < 16)
            throw new UserException($"'{file}' ends inside its header.");
        if (BinaryPrimitives.ReadInt32BigEndian(header) != PictureMagic)
            throw new UserException(
                $"'{file}' is no IDX file of pictures: it begins with {Convert.ToHexString(header[..4])}, not 00000803."
            );
        var count = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4));
        var height = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(8));
        var width = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(12));
        if (count is < 1 or > CountLimit || height != 28 || width != 28)
            throw new UserException(
                $"'{file}' says it holds {count} pictures of {height} x {width}; 28 x 28 are read here."
            );
        var pixels = ReadWhole(stream, (long)count * 784);
        if (pixels.Length < (long)count * 784)
            throw new UserException(
                $"'{file}' is cut short: it says it holds {count} pictures, and has the bytes of {pixels.Length / 784}."
            );
        return tensor(pixels, [count, 1, 28, 28]);
    }

    static Tensor Read(string file, Func<string, Stream, Tensor> read)
    {
        try
        {
            using var raw = File.OpenRead(file);
            var packed = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            using Stream stream = packed ? new GZipStream(raw, CompressionMode.Decompress) : raw;
            return read(file, stream);
        }
        catch (InvalidDataException failure)
        {
            throw new UserException($"'{file}' cannot be unpacked: {failure.Message}");
        }
    }

    // Piece by piece: a file that promises more than it holds costs no memory, and a gzip bomb ends here.
    static byte[] ReadWhole(Stream stream, long most)
    {
        using var held = new MemoryStream();
        var piece = new byte[1 << 16];
        while (stream.Read(piece) is > 0 and var count)
        {
            if (held.Length + count > most)
                throw new InvalidDataException("it holds more than its header says.");
            held.Write(piece, 0, count);
        }
        return held.ToArray();
    }
}
