using System.Buffers.Binary;

namespace Gan.Experiments;

/// <summary>A record, and where in the file the next one begins.</summary>
public sealed record JournalEntry(JournalRecord Record, long End);

/// <summary>
/// A run's journal: a file that is appended to, so that whatever was appended outlives the process from that moment on.
/// Each record carries its length and the head of its SHA-256; zeros may follow the last. A torn one at the end is cut
/// off when the journal is opened again.
/// </summary>
public sealed class Journal : IDisposable
{
    /// <summary>The ending of a damaged journal that was kept.</summary>
    internal const string Damaged = ".damaged";

    const int Head = 8;
    const int RecordLimit = 1 << 26;
    const long MostSearched = 1L << 30;

    readonly JournalFile file;
    readonly MemoryStream scratch = new();

    Journal(JournalFile file, string? complaint) => (this.file, Complaint) = (file, complaint);

    /// <summary>What was amiss when it was opened, in a sentence; null for nothing.</summary>
    public string? Complaint { get; }

    /// <summary>Where the next record will begin.</summary>
    public long Position => file.Position;

    /// <summary>
    /// Opens a journal for appending, behind its last whole record. What stands behind that is a torn record, and is cut
    /// off; where it is more than that, the file is first copied to <c>journal.damaged</c>.
    /// Each whole record is given to <paramref name="read"/>.
    /// </summary>
    public static Journal Open(string path, Action<JournalEntry> read) => Open(path, read, JournalFile.CanMap(path));

    /// <summary>Opens a journal, its end mapped or written whatever the file system is.</summary>
    internal static Journal Open(string path, Action<JournalEntry> read, bool mapped)
    {
        long end = 0;
        foreach (var entry in Read(path, 0))
        {
            read(entry);
            end = entry.End;
        }
        var damaged = IsDamaged(path, end);
        if (damaged)
            File.Copy(path, path + Damaged, overwrite: true);
        return new Journal(
            new JournalFile(path, end, mapped),
            damaged
                ? $"The journal '{path}' is damaged at byte {end}; what stood behind is lost to the run, and is kept in 'journal.damaged'."
                : null
        );
    }

    /// <summary>
    /// Makes the journal another file of the same content: a process that has the old one open writes where nobody reads.
    /// </summary>
    public static void Renew(string path)
    {
        if (!File.Exists(path))
            return;
        using var old = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        AtomicFile.Write(path, old.CopyTo);
    }

    /// <summary>The whole records from a position on; ends before a torn or damaged one.</summary>
    public static IEnumerable<JournalEntry> Read(string path, long position)
    {
        if (!File.Exists(path))
            yield break;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Min(position, file.Length);
        var head = new byte[Head];
        while (file.ReadAtLeast(head, Head, throwOnEndOfStream: false) == Head)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(head);
            if (length is < 1 or > RecordLimit || length > file.Length - file.Position)
                yield break;
            var body = new byte[length];
            file.ReadExactly(body);
            if (!IsWhole(head, body))
                yield break;
            yield return new JournalEntry(JournalRecord.Decode(body), file.Position);
        }
    }

    /// <summary>The length of the whole records of a journal; 0 where there is none.</summary>
    public static long WholeLength(string path) => Read(path, 0).Select(entry => entry.End).LastOrDefault();

    /// <summary>The whole records of one kind, in order.</summary>
    public static IEnumerable<T> Records<T>(string path)
        where T : JournalRecord => Read(path, 0).Select(entry => entry.Record).OfType<T>();

    /// <summary>The last status behind a position; null where there is none.</summary>
    public static RunStatus? LastStatus(string path, long position) =>
        Read(path, position).Select(entry => entry.Record).OfType<JournalRecord.Status>().LastOrDefault()?.Value;

    // A record is torn where nothing follows it: neither bytes behind its end, nor a whole record wherever that may be.
    static bool IsDamaged(string path, long end)
    {
        if (!File.Exists(path))
            return false;
        using var file = File.OpenRead(path);
        file.Position = Math.Min(end, file.Length);
        var rest = new byte[file.Length - file.Position];
        file.ReadExactly(rest);
        var effort = MostSearched;
        for (var at = 0; at <= rest.Length - Head; at++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(rest.AsSpan(at));
            if (length < 1 || length > rest.Length - Head - at)
                continue;
            var body = rest.AsSpan(at + Head, length);
            if (at == 0 && rest.AsSpan(Head + length).ContainsAnyExcept((byte)0))
                return true;
            if ((effort -= length) < 0 || IsWhole(rest.AsSpan(at, Head), body))
                return true;
        }
        return false;
    }

    static bool IsWhole(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) =>
        SHA256.HashData(body).AsSpan(0, 4).SequenceEqual(head[4..]);

    /// <summary>Appends a record.</summary>
    /// <exception cref="IOException">The disk takes no more.</exception>
    public void Append(JournalRecord record)
    {
        scratch.SetLength(Head);
        scratch.Position = Head;
        record.Encode(scratch);
        var bytes = scratch.GetBuffer();
        var count = (int)scratch.Length;
        var body = bytes.AsSpan(Head..count);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, body.Length);
        SHA256.HashData(body).AsSpan(0, 4).CopyTo(bytes.AsSpan(4));
        file.Append(bytes, count);
    }

    /// <summary>Makes what was appended safe from a power cut; appending may go on meanwhile.</summary>
    public void Flush() => file.Flush();

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
