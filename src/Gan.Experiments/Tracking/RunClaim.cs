using System.Diagnostics;

namespace Gan.Experiments;

/// <summary>
/// A process's claim to write a run. The run's lock, which ends with the process however that ends, keeps others away.
/// Where it does not, since locks do not hold between the machines of some disks, or is not to, since a cluster has given
/// the run to another, the last to come has the run: a file says who that is, and whoever finds another's name there leaves.
/// </summary>
internal sealed class RunClaim(string file, string name, FileStream held, bool inherited) : IDisposable
{
    /// <summary>How long to wait for a lock that nobody has for more than a moment, as who lists runs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(10);
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5);

    // Whoever has a run looks every second whether it has it still.
    static readonly TimeSpan Notice = TimeSpan.FromSeconds(3);

    /// <summary>True where another process had the run and never gave it up; it may live, and write.</summary>
    public bool Inherited => inherited;

    /// <summary>Why the run is another process's now, in a sentence; null while it is ours.</summary>
    public string? Lost { get; private set; }

    /// <summary>Takes a run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="fromLiving">A process that writes it is told to leave it, and waited for.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="UserException">Another process writes it.</exception>
    public static RunClaim Take(RunFolder folder, bool fromLiving, CancellationToken cancellation)
    {
        var name = $"{Guid.NewGuid():N}, process {Environment.ProcessId} on {Environment.MachineName}";
        var held = Wait(folder, Patience, cancellation);
        var before = Read(folder.Claim);
        if (held is null && fromLiving)
            held = Evict(folder, name, before, cancellation);
        if (held is null)
            throw Taken(folder);
        AtomicFile.WriteText(folder.Claim, name);
        var claim = new RunClaim(folder.Claim, name, held, inherited: before is not null);
        if (fromLiving || !JournalFile.CanMap(folder.Journal))
            claim.Settle(folder, cancellation);
        return claim;
    }

    static FileStream? Evict(RunFolder folder, string name, string? before, CancellationToken cancellation)
    {
        AtomicFile.WriteText(folder.Claim, name);
        FileStream? held = null;
        try
        {
            return held = Wait(folder, LongPatience, cancellation);
        }
        finally
        {
            // It has not left, and keeps the run.
            if (held is null && before is not null && Read(folder.Claim) == name)
                AtomicFile.WriteText(folder.Claim, before);
        }
    }

    // If one lives that had the run before, it has the time to leave; if two come at once, one of them has the run.
    void Settle(RunFolder folder, CancellationToken cancellation)
    {
        cancellation.WaitHandle.WaitOne(Inherited ? Notice : Moment);
        var now = Read(file);
        // Whoever left may have taken it away just when it came.
        if (now is null)
            AtomicFile.WriteText(file, name);
        else if (now != name)
        {
            held.Dispose();
            throw Taken(folder);
        }
    }

    static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Looks whether the run is still ours, and returns <see cref="Lost"/>.</summary>
    public string? Look()
    {
        try
        {
            var now = Read(file);
            if (now is null)
                Lost = $"'{file}' is gone: another process has ended the run, or its folder was moved.";
            else if (now != name)
                Lost =
                    $"The run was taken over by {now[(now.IndexOf(' ') + 1)..]}; this process leaves it to that one.";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A disk that does not answer now says nothing of others.
        }
        return Lost;
    }

    /// <summary>Gives the run up.</summary>
    public void Dispose()
    {
        try
        {
            if (Look() is null)
                File.Delete(file);
        }
        finally
        {
            held.Dispose();
        }
    }

    /// <summary>The lock of a run's writer, waited for; it ends with the process.</summary>
    /// <exception cref="UserException">Another process has it for longer.</exception>
    public static FileStream Lock(RunFolder folder, TimeSpan patience) =>
        Wait(folder, patience, CancellationToken.None) ?? throw Taken(folder);

    /// <summary>The lock of a run's writer, waited for; null where another process has it for longer.</summary>
    public static FileStream? Wait(RunFolder folder, TimeSpan patience, CancellationToken cancellation)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < patience; )
        {
            if (TryLock(folder.Lock) is { } free)
                return free;
            cancellation.WaitHandle.WaitOne(100);
            cancellation.ThrowIfCancellationRequested();
        }
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
