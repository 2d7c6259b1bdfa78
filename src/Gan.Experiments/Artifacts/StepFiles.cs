namespace Gan.Experiments;

/// <summary>Pictures and sounds by step, named as MLflow's image grid reads the former.</summary>
public static class StepFiles
{
    const string Thumbnail = "+compressed.png";

    /// <summary>Saves a picture of a key and step, and the same as its thumbnail, which MLflow wants.</summary>
    /// <returns>The file; one that is there already, from before a resume, stays.</returns>
    public static string SavePicture(string folder, string key, long step, Picture picture) =>
        Save(
            folder,
            key,
            step,
            stem =>
            {
                var bytes = picture.Encode();
                Write(stem + Thumbnail, bytes);
                return Write(stem + ".png", bytes);
            }
        );

    /// <summary>Saves a sound of a key and step, a WAV file's bytes.</summary>
    /// <returns>The file; one that is there already, from before a resume, stays.</returns>
    public static string SaveSound(string folder, string key, long step, byte[] wav)
    {
        Directory.CreateDirectory(folder);
        return Save(folder, key, step, stem => Write(stem + ".wav", wav));
    }

    static string Save(string folder, string key, long step, Func<string, string> write)
    {
        var stem = $"{key.Replace('/', '~')}+step+{step}+timestamp+";
        return Directory
                .EnumerateFiles(folder, stem + "*")
                .FirstOrDefault(file => !file.EndsWith(Thumbnail, StringComparison.Ordinal))
            ?? write(Path.Combine(folder, $"{stem}{RunTracker.Now}+{Guid.NewGuid()}"));
    }

    static string Write(string file, byte[] bytes)
    {
        AtomicFile.Write(file, stream => stream.Write(bytes));
        return file;
    }
}
