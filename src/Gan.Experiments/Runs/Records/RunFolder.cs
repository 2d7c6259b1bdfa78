namespace Gan.Experiments;

/// <summary>
/// Where a run's files are: <c>mlruns/EXPERIMENT/RUN</c> beside the store, with the journal, and the artifacts as MLflow
/// looks for them. Beside a SQLite store no file of this folder is named meta.yaml, which would turn MLflow to its old file store.
/// </summary>
/// <param name="RunId">32 hexadecimal digits.</param>
/// <param name="Path">The folder.</param>
public sealed record RunFolder(string RunId, string Path)
{
    /// <summary>The folder of a run in a store's artifact root.</summary>
    public static RunFolder Of(string artifactRoot, string experiment, string runId) =>
        new(runId, System.IO.Path.Combine(artifactRoot, experiment, runId));

    /// <summary>The beginning of the id, as people are told it.</summary>
    public string ShortId => RunId[..Math.Min(8, RunId.Length)];

    /// <summary>The journal's file.</summary>
    public string Journal => System.IO.Path.Combine(Path, "journal");

    /// <summary>The file that the process which writes the run holds locked.</summary>
    public string Lock => System.IO.Path.Combine(Path, "lock");

    /// <summary>The file that says which process writes the run.</summary>
    public string Claim => System.IO.Path.Combine(Path, "claim");

    /// <summary>The artifacts' folder.</summary>
    public string Artifacts => System.IO.Path.Combine(Path, "artifacts");

    /// <summary>The checkpoints' folder, an artifact.</summary>
    public string Checkpoints => System.IO.Path.Combine(Artifacts, "checkpoints");

    /// <summary>The step that the run would go on from; 0 for its start.</summary>
    public long SavedStep => new CheckpointStore(Checkpoints, 1).LatestStep;

    /// <summary>The spec as it was run, an artifact.</summary>
    public string Spec => System.IO.Path.Combine(Artifacts, "spec.json");

    /// <summary>The log, an artifact.</summary>
    public string Log => System.IO.Path.Combine(Artifacts, "log.txt");

    /// <summary>The fingerprints by step, an artifact.</summary>
    public string Fingerprints => System.IO.Path.Combine(Artifacts, "fingerprints.jsonl");

    /// <summary>The folder of pictures by step, an artifact.</summary>
    public string Images => System.IO.Path.Combine(Artifacts, "images");

    /// <summary>The folder of sounds by step, an artifact.</summary>
    public string Sounds => System.IO.Path.Combine(Artifacts, "sounds");

    /// <summary>The folder of spectra by step, an artifact.</summary>
    public string Spectra => System.IO.Path.Combine(Artifacts, "spectra");

    /// <summary>Deletes the folder with all that is in it.</summary>
    /// <exception cref="UserException">It cannot be deleted.</exception>
    public void Delete()
    {
        // Whatever a store says: no folder goes that is not the run's own.
        if (System.IO.Path.GetFileName(Path) != RunId)
            throw new UserException($"The folder '{Path}' is not named after the run {RunId}; it is not deleted.");
        try
        {
            if (Directory.Exists(Path))
                Directory.Delete(Path, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The run's folder cannot be deleted: {failure.Message}");
        }
    }

    /// <summary>Makes the folders.</summary>
    /// <exception cref="UserException">They cannot be made.</exception>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(Checkpoints);
            Directory.CreateDirectory(Images);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UserException($"The run's folder cannot be made: {failure.Message}");
        }
    }
}
