namespace Gan.Experiments;

/// <summary>Pictures and sounds by step, named as MLflow's image grid reads the former.</summary>
public static class StepFiles
{
    const string Thumbnail = "+compressed.png";

    /// <summary>Saves a picture of a key and step, and the same as its thumbnail, which MLflow wants.</summary>
    /// <returns>The file; one that is there already, from before a resume, stays.</returns>
    public static string SavePicture(string folder, string key, long step, Picture picture) =>
        Save(folder, key, step, picture.Encode, Thumbnail, ".png");

    /// <summary>Saves a sound of a key and step, a WAV file's bytes.</summary>
    /// <returns>The file; one that is there already, from before a resume, stays.</returns>
    public static string SaveSound(string folder, string key, long step, byte[] wav)
    {
        Directory.CreateDirectory(folder);
        return Save(folder, key, step, () => wav, ".wav");
    }

    // Writes the same bytes under each ending, and returns the file of the last.
    static string Save(string folder, string key, long step, Func<byte[]> encode, params string[] endings)
    {
        var stem = $"{key.Replace('/', '~')}+step+{step}+timestamp+";
        var saved = Directory
            .EnumerateFiles(folder, stem + "*")
            .FirstOrDefault(file => !file.EndsWith(Thumbnail, StringComparison.Ordinal));
        if (saved is not null)
            return saved;
        var file = Path.Combine(folder, $"{stem}{RunTracker.Now}+{Guid.NewGuid()}");
        var bytes = encode();
        foreach (var ending in endings)
            AtomicFile.Write(file + ending, stream => stream.Write(bytes));
        return file + endings[^1];
    }
}
