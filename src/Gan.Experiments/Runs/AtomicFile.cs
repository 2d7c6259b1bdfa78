namespace Gan.Experiments;

/// <summary>Writes a file whole or not at all: under a temporary name, its contents flushed to the disk, then renamed.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file by a function; what stood there before stays until the new one is complete.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = path + ".tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes a text.</summary>
    public static void WriteText(string path, string text) =>
        Write(
            path,
            stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                writer.Write(text);
            }
        );
}
