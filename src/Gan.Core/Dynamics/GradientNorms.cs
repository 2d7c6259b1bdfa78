namespace Gan.Core;

/// <summary>How steep a discriminator is, which its penalties hold in bounds.</summary>
public static class GradientNorms
{
    /// <summary>E |grad D(u)|^2 over points u, in use: no statistic of the batch enters.</summary>
    /// <remarks>On real and on generated points the two are alike where training is stable (Huang et al., 2024).</remarks>
    public static double MeanSquare(IDiscriminator discriminator, LayerState state, Sample points, RandomKey key)
    {
        using var scope = NewDisposeScope();
        var slopes = discriminator.DiscriminateWithGradientNorms(state, points, null, Mode.Evaluate, key).SquaredGradientNorms!;
        return slopes.mean().to_type(ScalarType.Float64).item<double>();
    }
}
