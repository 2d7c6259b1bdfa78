using System.Diagnostics;

namespace Gan.Experiments;

/// <summary>
/// A process's claim to write a run. The run's lock, which ends with the process however that ends, keeps others away.
/// On disks whose locks do not hold from one machine to another, the last to come has the run: a file says who that is,
/// and whoever finds another's name there leaves the run alone.
/// </summary>
internal sealed class RunClaim : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(10);
    static readonly TimeSpan Notice = TimeSpan.FromSeconds(3);

    readonly string file;
    readonly string name;
    readonly FileStream held;

    RunClaim(string file, string name, FileStream held) => (this.file, this.name, this.held) = (file, name, held);

    /// <summary>Why the run is another process's now, in a sentence; null while it is ours.</summary>
    public string? Lost { get; private set; }

    /// <summary>Takes a run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="fromLiving">Another process that writes it is told to leave it, and waited for.</param>
    /// <exception cref="UserException">Another process writes it.</exception>
    public static RunClaim Take(RunFolder folder, bool fromLiving)
    {
        var name = $"{Guid.NewGuid():N}, process {Environment.ProcessId} on {Environment.MachineName}";
        // Whoever lists runs holds the lock for a moment.
        var held = Wait(folder, Patience);
        var before = File.Exists(folder.Claim);
        if (held is null && fromLiving)
        {
            AtomicFile.WriteText(folder.Claim, name);
            held = Wait(folder, LongPatience);
        }
        if (held is null)
            throw Taken(folder);
        AtomicFile.WriteText(folder.Claim, name);
        // The one before has not said goodbye; if it lives, it is given the time to see that the run is ours.
        if (before && !JournalFile.CanMap(folder.Journal))
            Thread.Sleep(Notice);
        return new RunClaim(folder.Claim, name, held);
    }

    /// <summary>Looks whether the run is still ours.</summary>
    public void Look()
    {
        try
        {
            var now = File.ReadAllText(file);
            if (now != name && now.Length > 0)
                Lost =
                    $"The run was taken over by {now[(now.IndexOf(' ') + 1)..]}; this process leaves it to that one.";
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            Lost = $"'{file}' is gone: another process has ended the run, or its folder was moved.";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A disk that does not answer now says nothing of others.
        }
    }

    /// <summary>Gives the run up.</summary>
    public void Dispose()
    {
        Look();
        if (Lost is null)
            File.Delete(file);
        held.Dispose();
    }

    /// <summary>The lock of a run's writer, waited for; it ends with the process.</summary>
    /// <exception cref="UserException">Another process has it for longer.</exception>
    public static FileStream Lock(RunFolder folder, TimeSpan patience) => Wait(folder, patience) ?? throw Taken(folder);

    static FileStream? Wait(RunFolder folder, TimeSpan patience)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < patience; Thread.Sleep(100))
            if (TryLock(folder.Lock) is { } free)
                return free;
        return null;
    }

    static UserException Taken(RunFolder folder) =>
        new(
            $"The run {folder.RunId} is being written by another process, or told to a server by gan sync; wait for it, or stop it first."
        );

    /// <summary>The lock that a file is, or null where another process has it.</summary>
    public static FileStream? TryLock(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (File.Exists(file) && !failure.Message.Contains("No space"))
        {
            return null;
        }
    }
}
