namespace Gan.Experiments;

/// <summary>
/// Writes a file that the user named: whole or not at all, and never over a store. A device, as <c>/dev/stdout</c>, is
/// written to; a link leads to the file that is written.
/// </summary>
public static class OutputFile
{
    /// <summary>Writes a file by a function.</summary>
    /// <exception cref="UserException">The name is of no file that may be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        if (path.Trim().Length == 0)
            throw new UserException("The output needs a file's name; it is empty.");
        if (path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
            write(device);
            return;
        }
        if (Directory.Exists(path))
            throw new UserException($"'{path}' is a folder; name a file in it.");
        if (SqliteDatabase.Is(path))
            throw new UserException($"'{path}' is a database, of runs perhaps; name another file.");
        var link = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true) : null;
        AtomicFile.Write(link?.FullName ?? path, write);
    }

    /// <summary>Writes a text.</summary>
    /// <exception cref="UserException">As <see cref="Write"/>.</exception>
    public static void WriteText(string path, string text) => Write(path, AtomicFile.Text(text));
}
