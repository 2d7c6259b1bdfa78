namespace Gan.Core;

/// <summary>How steep a critic is, which its penalties hold in bounds.</summary>
public static class CriticSteepness
{
    /// <summary>E |grad D(u)|^2 over points u, in use: no statistic of the batch enters.</summary>
    /// <remarks>On real and on generated points the two are alike where training is stable (Huang et al., 2024).</remarks>
    public static double MeanSquare(ICritic critic, LayerState state, Sample points, RandomKey key)
    {
        using var scope = NewDisposeScope();
        var slopes = critic.JudgeWithSlopes(state, points, null, Mode.Evaluate, key).Slopes!;
        return slopes.mean().to_type(ScalarType.Float64).item<double>();
    }
}
