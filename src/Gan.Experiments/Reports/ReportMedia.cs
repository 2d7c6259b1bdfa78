namespace Gan.Experiments;

/// <summary>A picture or a sound of a run at a step, as a file of its artifacts.</summary>
/// <param name="Kind">What it is of, as samples/average.</param>
/// <param name="Step">The step.</param>
/// <param name="File">The file.</param>
internal sealed record StepFile(string Kind, long Step, string File)
{
    /// <summary>The files of a folder that are named as MLflow names those of steps, thumbnails left out, by step.</summary>
    public static IReadOnlyList<StepFile> In(string folder, string ending) =>
        Directory.Exists(folder)
            ?
            [
                .. Directory
                    .EnumerateFiles(folder, "*" + ending)
                    .Where(file => !file.Contains("+compressed", StringComparison.Ordinal))
                    .Select(Parse)
                    .OfType<StepFile>()
                    .OrderBy(file => file.Step),
            ]
            : [];

    /// <summary>The file as an address that holds it all.</summary>
    public string Source =>
        $"data:{(Path.GetExtension(File) == ".wav" ? "audio/wav" : "image/png")};base64,{Convert.ToBase64String(System.IO.File.ReadAllBytes(File))}";

    static StepFile? Parse(string file) =>
        Path.GetFileNameWithoutExtension(file).Split('+') is [var key, "step", var step, ..]
        && long.TryParse(step, CultureInfo.InvariantCulture, out var number)
            ? new StepFile(key.Replace('~', '/'), number, file)
            : null;
}

/// <summary>Chooses what pictures and sounds a report has room for.</summary>
internal static class ReportMedia
{
    const int MostSteps = 12;
    const int MostRuns = 24;
    const long MostBytes = 16L << 20;

    /// <summary>The runs whose pictures are shown: the first of every group, then the second, as far as there is room.</summary>
    public static IReadOnlyList<ComparedRun> Shown(GroupedRuns runs) =>
        [
            .. runs
                .Groups.SelectMany(group => group.Runs.Select((run, i) => (Run: run, Turn: i)))
                .OrderBy(pair => pair.Turn)
                .Select(pair => pair.Run)
                .Take(MostRuns),
        ];

    /// <summary>Files of a run, evenly over the steps and the last one in any case; fewer where they are large.</summary>
    public static IReadOnlyList<StepFile> Chosen(IReadOnlyList<StepFile> files, int runs)
    {
        if (files.Count == 0)
            return files;
        var room = MostBytes / runs / Math.Max(1, files.Max(file => new FileInfo(file.File).Length));
        var count = (int)Math.Clamp(Math.Min(room, files.Count), 1, MostSteps);
        return [.. Enumerable.Range(1, count).Select(i => files[(int)((long)i * files.Count / count) - 1])];
    }
}
