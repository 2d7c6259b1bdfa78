namespace Gan.Experiments;

/// <summary>All of a run that training changes: the game's state, how many points were drawn, and where the journal ends.</summary>
/// <param name="Game">The game's state.</param>
/// <param name="Cursor">The number of points drawn from the data.</param>
/// <param name="JournalPosition">The journal's end when the state was saved; 0 without tracking.</param>
public sealed record RunState(GameState Game, long Cursor, long JournalPosition);

/// <summary>A checkpoint's file and what its header says, which is read without loading libtorch.</summary>
/// <param name="File">The file.</param>
/// <param name="Step">The step.</param>
/// <param name="DynamicsHash">The hash of what moved its weights.</param>
/// <param name="StateHash">The hash of its state.</param>
/// <param name="Engine">What its weights were moved by, as <see cref="MachineFacts.Engine"/> names it.</param>
/// <param name="Score">Of the best: the metric's value.</param>
/// <param name="BestBy">Of the best: the metric, and what was wanted of it.</param>
public sealed record CheckpointInfo(
    string File,
    long Step,
    string DynamicsHash,
    string StateHash,
    string Engine,
    double? Score,
    string BestBy
);

/// <summary>
/// A run's checkpoints: safetensors files named by step, the latest few, and the best by a metric. Each is written
/// whole or not at all.
/// </summary>
public sealed class CheckpointStore(string folder, int keep)
{
    const string Best = "best.safetensors";
    const string Format = "gan-checkpoint-2";
    const string FormatBeforeTorchSharp = "gan-checkpoint-1";

    /// <summary>The latest checkpoint, where there is one.</summary>
    /// <exception cref="UserException">A checkpoint is damaged; the message names it.</exception>
    public CheckpointInfo? FindLatest()
    {
        var files = Files();
        var known = files.Select(TryInfo).OfType<CheckpointInfo>().ToArray();
        if (known.Length == files.Length)
            return known.MaxBy(info => info.Step);
        var damaged = files.Except(known.Select(info => info.File)).FirstOrDefault(File.Exists);
        // One that is gone was dropped by a run that lives, and has saved a later one.
        return damaged is null
            ? FindLatest()
            : throw new UserException(
                $"The checkpoint '{damaged}' is damaged. Move it away to go on from the one before, or from the start."
            );
    }

    /// <summary>The step of the latest checkpoint, by its name; 0 where there is none.</summary>
    public long LatestStep =>
        Files()
            .Select(file =>
                long.TryParse(Path.GetFileNameWithoutExtension(file)["step-".Length..], out var step) ? step : 0
            )
            .DefaultIfEmpty(0)
            .Max();

    /// <summary>The best checkpoint, where there is one.</summary>
    public CheckpointInfo? FindBest() => TryInfo(Path.Combine(folder, Best));

    /// <summary>Saves a state under its step, and drops the oldest above the number kept.</summary>
    public string Save(RunState state, string dynamicsHash)
    {
        var file = Path.Combine(folder, $"step-{state.Game.Step:D8}.safetensors");
        Write(file, state, dynamicsHash, null);
        foreach (var old in Files().Select(TryInfo).OfType<CheckpointInfo>().OrderBy(info => info.Step).SkipLast(keep))
            File.Delete(old.File);
        return file;
    }

    /// <summary>Saves a state as the best so far.</summary>
    public void SaveBest(RunState state, string dynamicsHash, string bestBy, double score) =>
        Write(Path.Combine(folder, Best), state, dynamicsHash, (bestBy, score));

    /// <summary>Reads a state of a game.</summary>
    /// <exception cref="UserException">The file is damaged, or is of another game.</exception>
    public static RunState Load(Game game, string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var metadata = Safetensors.ReadMetadata(stream);
            stream.Position = 0;
            var state = GameCheckpoint.FromTensors(game, Safetensors.Read(stream));
            var loaded = new RunState(state, Whole(metadata, "cursor"), Whole(metadata, "journal_position"));
            return state.Hash() == metadata.GetValueOrDefault("state_hash")
                ? loaded
                : throw new InvalidDataException("its tensors do not have the hash that its header names");
        }
        catch (Exception failure) when (failure is InvalidDataException or ArgumentException or IOException)
        {
            throw new UserException($"The checkpoint '{file}' cannot be used: {failure.Message}");
        }
    }

    static void Write(string file, RunState state, string dynamicsHash, (string By, double Score)? best)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["engine"] = MachineFacts.Engine,
            ["step"] = state.Game.Step.ToString(CultureInfo.InvariantCulture),
            ["cursor"] = state.Cursor.ToString(CultureInfo.InvariantCulture),
            ["journal_position"] = state.JournalPosition.ToString(CultureInfo.InvariantCulture),
            ["dynamics_hash"] = dynamicsHash,
            ["state_hash"] = state.Game.Hash(),
        };
        if (best is { } known)
            (metadata["best_by"], metadata["score"]) = (
                known.By,
                known.Score.ToString("R", CultureInfo.InvariantCulture)
            );
        using var scope = NewDisposeScope();
        AtomicFile.Write(
            file,
            stream =>
            {
                var tensors = GameCheckpoint
                    .ToTensors(state.Game)
                    .Select(entry => KeyValuePair.Create(entry.Path, entry.Tensor));
                if (FaultPoints.Reached("checkpoint"))
                {
                    using var whole = new MemoryStream();
                    Safetensors.Write(whole, tensors, metadata);
                    stream.Write(whole.GetBuffer().AsSpan(0, (int)whole.Length / 2));
                    stream.Flush();
                    FaultPoints.Die();
                }
                Safetensors.Write(stream, tensors, metadata);
            }
        );
    }

    string[] Files() => Directory.Exists(folder) ? Directory.GetFiles(folder, "step-*.safetensors") : [];

    static CheckpointInfo? TryInfo(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var metadata = Safetensors.ReadMetadata(stream);
            return new CheckpointInfo(
                file,
                Whole(metadata, "step"),
                metadata.GetValueOrDefault("dynamics_hash") ?? "",
                metadata.GetValueOrDefault("state_hash") ?? "",
                metadata.GetValueOrDefault("format") == FormatBeforeTorchSharp
                    ? MachineFacts.FormerEngine
                    : metadata.GetValueOrDefault("engine") ?? "",
                metadata.TryGetValue("score", out var score) ? double.Parse(score, CultureInfo.InvariantCulture) : null,
                metadata.GetValueOrDefault("best_by") ?? ""
            );
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or FormatException)
        {
            return null;
        }
    }

    static long Whole(IReadOnlyDictionary<string, string> metadata, string key) =>
        metadata.TryGetValue(key, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException($"its header has no whole number '{key}'");
}
