using System.IO.MemoryMappedFiles;

namespace Gan.Experiments;

/// <summary>
/// The file of a journal, which grows at its end; what was appended outlives the process from that moment on. Where the
/// file system allows it, the end is mapped memory, so that appending is no system call: zeros stand there until records
/// do, or the file is closed. Elsewhere, on network disks for one, appending is one write.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    const int Head = sizeof(long);

    static readonly byte[] Zeros = new byte[1 << 18];

    // What has been written once can be written again there, however full the disk is, and writing through memory
    // changes the time of the last change. A file system that copies on write may find no room, and then ends the process.
    static readonly HashSet<string> Mappable = ["ext2", "ext3", "ext4"];

    readonly FileStream file;
    bool mapping;
    MemoryMappedViewAccessor? window;
    long windowStart;

    /// <summary>Opens a file, or makes it, and cuts it to a length.</summary>
    public JournalFile(string path, long length, bool mapped)
    {
        mapping = mapped;
        file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        file.SetLength(length);
        Position = length;
    }

    /// <summary>Where the next bytes will be.</summary>
    public long Position { get; private set; }

    /// <summary>Whether the end of a file can be mapped where it is.</summary>
    public static bool CanMap(string path)
    {
        try
        {
            return Mappable.Contains(new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).DriveFormat);
        }
        catch (DriveNotFoundException)
        {
            // In a chroot no mount may be known for the folder.
            return false;
        }
    }

    /// <summary>
    /// The length of a file without the zeros at its end: what was appended to it, or a few bytes less where that ends in
    /// zeros. 0 where there is no file.
    /// </summary>
    public static long Extent(string path)
    {
        if (!File.Exists(path))
            return 0;
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
        var block = new byte[1 << 16];
        for (var end = RandomAccess.GetLength(file); end > 0; )
        {
            var start = Math.Max(0, end - block.Length);
            var read = RandomAccess.Read(file, block.AsSpan(0, (int)(end - start)), start);
            var last = block.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            if (last >= 0)
                return start + last + 1;
            end = start;
        }
        return 0;
    }

    /// <summary>Appends the first bytes of a buffer, eight or more, the first eight of them last.</summary>
    /// <exception cref="IOException">The disk takes no more.</exception>
    public void Append(byte[] buffer, int count)
    {
        if (FindRoom(count) is { } room)
        {
            var place = Position - windowStart;
            room.WriteArray(place + Head, buffer, Head, count - Head);
            if (FaultPoints.Reached("journal"))
                FaultPoints.Die();
            Thread.MemoryBarrier();
            room.Write(place, BitConverter.ToInt64(buffer));
        }
        else
        {
            if (FaultPoints.Reached("journal"))
            {
                RandomAccess.Write(file.SafeFileHandle, buffer.AsSpan(0, count / 2), Position);
                FaultPoints.Die();
            }
            RandomAccess.Write(file.SafeFileHandle, buffer.AsSpan(0, count), Position);
        }
        Position += count;
    }

    // The mapped window if there are so many bytes left in it, or a new one; null where appending is a write.
    MemoryMappedViewAccessor? FindRoom(int count)
    {
        if (!mapping)
            return null;
        if (window is not null && Position + count <= windowStart + window.Capacity)
            return window;
        Unmap();
        try
        {
            // Written and not only lengthened, since mapped memory with no disk behind it ends the process.
            var zeros = count > Zeros.Length ? new byte[count] : Zeros;
            RandomAccess.Write(file.SafeFileHandle, zeros, Position);
            using var whole = MemoryMappedFile.CreateFromFile(
                file,
                null,
                0,
                MemoryMappedFileAccess.ReadWrite,
                HandleInheritability.None,
                leaveOpen: true
            );
            windowStart = Position;
            return window = whole.CreateViewAccessor(Position, zeros.Length);
        }
        catch (IOException)
        {
            // Records may have room where a window has none; or else their write says why not.
            mapping = false;
            file.SetLength(Position);
            return null;
        }
    }

    // The handle itself, since an accessor waits for the disk when it is disposed of.
    void Unmap()
    {
        window?.SafeMemoryMappedViewHandle.Dispose();
        window?.Dispose();
        window = null;
    }

    /// <summary>Makes what was appended safe from a power cut; appending may go on meanwhile.</summary>
    public void Flush() => RandomAccess.FlushToDisk(file.SafeFileHandle);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!file.CanWrite)
            return;
        try
        {
            Unmap();
            file.SetLength(Position);
            Flush();
        }
        finally
        {
            file.Dispose();
        }
    }
}
