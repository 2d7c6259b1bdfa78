using System.Net;
using System.Net.Http.Headers;

namespace Gan.Experiments;

/// <summary>A file as a body: streamed, of known length, with a word for every part that is on its way.</summary>
internal sealed class FileContent : HttpContent
{
    const int PartSize = 1 << 18;

    readonly FileStream file;
    readonly Action sent;

    /// <summary>Opens the file.</summary>
    public FileContent(string path, Action sent)
    {
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        this.sent = sent;
        Length = file.Length;
        Headers.ContentType = new MediaTypeHeaderValue(TypeOf(path));
    }

    long Length { get; }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }

    /// <inheritdoc/>
    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellation)
    {
        var part = new byte[PartSize];
        // No more than was announced, though the file may have grown since.
        for (var left = Length; left > 0; )
        {
            var read = file.Read(part, 0, (int)Math.Min(left, PartSize));
            if (read == 0)
                throw new IOException($"'{file.Name}' became shorter while it was sent");
            stream.Write(part, 0, read);
            left -= read;
            sent();
        }
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        SerializeToStream(stream, context, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }

    static string TypeOf(string path) =>
        Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".json" => "application/json",
            ".txt" or ".log" or ".jsonl" => "text/plain",
            ".wav" => "audio/wav",
            ".html" => "text/html",
            ".csv" => "text/csv",
            _ => "application/octet-stream",
        };
}
