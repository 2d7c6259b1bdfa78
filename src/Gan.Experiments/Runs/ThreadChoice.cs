namespace Gan.Experiments;

/// <summary>Decides the number of threads of a run that leaves it open; the number is then part of the run.</summary>
internal static class ThreadChoice
{
    /// <summary>The multiplications and additions of a step that are worth a thread of their own.</summary>
    const double PerThread = 5e7;

    /// <summary>One thread for a small game, more for larger ones, up to the number of processors.</summary>
    public static int For(ExperimentSpec spec)
    {
        using var scope = NewDisposeScope();
        var weights = spec.Game.Players.Sum(player => player.Network.Init(default, spec.Game.Dtype).Weights.Elements);
        return (int)Math.Clamp(6.0 * weights * spec.BatchSize / PerThread, 1, Environment.ProcessorCount);
    }
}
