using System.IO.Compression;

namespace Gan.Experiments;

/// <summary>Writes runs to a file to give away.</summary>
public static class RunExport
{
    /// <summary>
    /// .zip: the folders of the runs, whole, which <c>gan sync FOLDER</c> takes up on another machine; .csv: every value of
    /// every metric, as run, metric, step, milliseconds since 1970, value.
    /// </summary>
    /// <exception cref="UserException">The ending is another.</exception>
    public static void Write(string output, IReadOnlyList<FoundRun> runs)
    {
        Action<Stream> write = Path.GetExtension(output).ToLowerInvariant() switch
        {
            ".zip" => stream => WriteZip(stream, runs),
            ".csv" => stream => WriteCsv(stream, runs),
            var ending => throw new UserException(
                $"Runs are exported to .zip (all of them) or .csv (their metrics); '{output}' ends in '{ending}'."
            ),
        };
        OutputFile.Write(output, write);
    }

    static void WriteZip(Stream stream, IReadOnlyList<FoundRun> runs)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var run in runs)
        foreach (var file in Directory.EnumerateFiles(run.Folder.Path, "*", SearchOption.AllDirectories))
        {
            if (
                file == run.Folder.Lock
                || file == run.Folder.Claim
                || file.EndsWith(AtomicFile.Temporary, StringComparison.Ordinal)
            )
                continue;
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var name = Path.GetRelativePath(run.Folder.Path, file).Replace('\\', '/');
            using var target = zip.CreateEntry($"{run.RunId}/{name}").Open();
            source.CopyTo(target);
        }
    }

    static void WriteCsv(Stream stream, IReadOnlyList<FoundRun> runs)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        text.WriteLine("run,metric,step,time,value");
        foreach (var run in runs)
        foreach (var metrics in Journal.Records<JournalRecord.Metrics>(run.Folder.Journal))
        foreach (var (key, value) in metrics.Values)
            text.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{run.RunId},{Csv.Quoted(key)},{metrics.Step},{metrics.Time},{value:R}"
                )
            );
    }
}
