namespace Gan.Experiments;

/// <summary>How the work on a trial ended, as far as the machine tells.</summary>
/// <param name="Code">The exit code; above 128 for a signal.</param>
/// <param name="Error">The last line of its standard error.</param>
/// <param name="Canceled">Somebody else canceled it.</param>
public sealed record TrialExit(int Code, string Error, bool Canceled = false);

/// <summary>Where trials are worked on: processes of this machine, or jobs of a cluster.</summary>
public interface ITrialHost
{
    /// <summary>Takes a trial on, or follows what was taken on before. It may wait for others until <see cref="Flush"/>.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="folder">Its run's folder.</param>
    /// <param name="ticket">Its ticket's file.</param>
    /// <param name="changed">Is called when it told something, or ended.</param>
    RunningTrial Start(SweepTrial trial, RunFolder folder, string ticket, Action changed);

    /// <summary>Begins to work on all that was taken on.</summary>
    void Flush();
}
