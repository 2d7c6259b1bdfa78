namespace Gan.Experiments;

/// <summary>Reads CIFAR-10 in its binary version: data_batch_1.bin to data_batch_5.bin, or test_batch.bin where those are absent.</summary>
internal static class Cifar10
{
    const int Record = 3073;

    /// <summary>Color pictures of 32 x 32.</summary>
    public static DatasetSource Source(string folder, ValueRange range)
    {
        var space = new Space.Image(3, 32, 32, range);
        return new DatasetSource("cifar10", space, folder, () => Pixels.Dataset(space, Read(folder), condition: null));
    }

    static Tensor Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new UserException(
                $"There is no folder '{Path.GetFullPath(folder)}'; set data.folder to one that holds data_batch_1.bin to data_batch_5.bin."
            );
        var files = Directory.GetFiles(folder, "data_batch_*.bin").Order(StringComparer.Ordinal).ToArray();
        if (files.Length == 0)
            files = Directory.GetFiles(folder, "test_batch.bin");
        if (files.Length == 0)
            throw new UserException(
                $"The folder '{Path.GetFullPath(folder)}' holds no data_batch_*.bin and no test_batch.bin."
            );
        var pixels = new List<byte>();
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            if (bytes.Length == 0 || bytes.Length % Record != 0)
                throw new UserException(
                    $"'{file}' is cut short or no CIFAR-10 file: its {bytes.Length} bytes are no multiple of {Record}."
                );
            for (var start = 0; start < bytes.Length; start += Record)
                pixels.AddRange(bytes.AsSpan(start + 1, Record - 1));
        }
        return tensor([.. pixels], [pixels.Count / (Record - 1), 3, 32, 32]);
    }
}
