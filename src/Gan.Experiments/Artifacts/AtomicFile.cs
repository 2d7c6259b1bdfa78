using System.Runtime.InteropServices;

namespace Gan.Experiments;

/// <summary>Writes a file whole or not at all: under a temporary name, its contents flushed to the disk, then renamed.</summary>
internal static partial class AtomicFile
{
    /// <summary>The ending of files that are being written.</summary>
    public const string Temporary = ".tmp";

    /// <summary>Deletes what writers that were killed have left in a folder which nobody writes.</summary>
    public static void Tidy(string folder)
    {
        foreach (var left in Directory.EnumerateFiles(folder, $"*{Temporary}", SearchOption.AllDirectories))
            File.Delete(left);
    }

    /// <summary>Writes a file by a function; what stood there before stays until the new one is complete.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new UserException($"There is no folder '{folder}' to write '{Path.GetFileName(path)}' into.");
        // Its own: others may write a file of this name at the same time.
        var temporary = $"{path}.{Guid.NewGuid():N}{Temporary}";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            FlushFolder(folder);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    // A rename is safe from power cuts once its folder is.
    static void FlushFolder(string folder)
    {
        const int readOnly = 0;
        if (!OperatingSystem.IsLinux() || open(folder, readOnly) is not (>= 0 and var opened))
            return;
        fsync(opened);
        close(opened);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int fsync(int file);

    [LibraryImport("libc")]
    private static partial int close(int file);

    /// <summary>Writes a text.</summary>
    public static void WriteText(string path, string text) => Write(path, Text(text));

    /// <summary>Writes a text to a stream.</summary>
    public static Action<Stream> Text(string text) =>
        stream => stream.Write(new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text));
}
