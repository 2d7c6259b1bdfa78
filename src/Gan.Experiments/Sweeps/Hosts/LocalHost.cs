namespace Gan.Experiments;

/// <summary>Works on trials in processes of this machine.</summary>
/// <param name="command">The command line's program and first arguments, as dotnet and gan.dll.</param>
public sealed class LocalHost(IReadOnlyList<string> command) : ITrialHost
{
    /// <inheritdoc/>
    public RunningTrial Start(SweepTrial trial, RunFolder folder, string ticket, Action changed) =>
        new TrialProcess(command, trial, folder, ticket, changed);

    /// <inheritdoc/>
    public void Flush() { }
}
