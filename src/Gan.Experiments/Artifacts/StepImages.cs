namespace Gan.Experiments;

/// <summary>Pictures by step, named as MLflow's image grid reads them: the picture, and the same as its thumbnail.</summary>
public static class StepImages
{
    /// <summary>Saves a picture of a key and step; one that is there already, from before a resume, stays.</summary>
    /// <returns>The file.</returns>
    public static string Save(string folder, string key, long step, Picture picture)
    {
        var stem = $"{key.Replace('/', '~')}+step+{step}+timestamp+";
        if (
            Directory.EnumerateFiles(folder, stem + "*").FirstOrDefault(file => !file.Contains("+compressed")) is
            { } there
        )
            return there;
        var name = $"{stem}{RunTracker.Now}+{Guid.NewGuid()}";
        var bytes = Png.Encode(picture);
        var file = Path.Combine(folder, name + ".png");
        AtomicFile.Write(Path.Combine(folder, name + "+compressed.png"), stream => stream.Write(bytes));
        AtomicFile.Write(file, stream => stream.Write(bytes));
        return file;
    }
}
