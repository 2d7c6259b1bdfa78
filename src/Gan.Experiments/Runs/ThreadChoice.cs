namespace Gan.Experiments;

/// <summary>Decides the number of threads of a run that leaves it open; the number is then part of the run.</summary>
internal static class ThreadChoice
{
    /// <summary>Below this many multiplications in a step, handing work to a second thread costs more than it saves.</summary>
    const double WorthSharing = 2e9;

    /// <summary>One thread for a small game, every processor for a large one.</summary>
    public static int For(ExperimentSpec spec)
    {
        using var scope = NewDisposeScope();
        var weights = spec.Game.Players.Sum(player => player.Network.Init(default, spec.Game.Dtype).Weights.Elements);
        return 6.0 * weights * spec.BatchSize < WorthSharing ? 1 : Environment.ProcessorCount;
    }
}
