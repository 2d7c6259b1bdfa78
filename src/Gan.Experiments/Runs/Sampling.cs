namespace Gan.Experiments;

/// <summary>Draws points from a trained generator, on its device, in batches, without a graph.</summary>
public static class Sampling
{
    const int BatchSize = 512;

    /// <summary>As many points as asked for, from latents of the key: the same key gives the same latents to any state.</summary>
    public static Sample Generate(IGenerator generator, LayerState state, RandomKey key, int count, ScalarType dtype)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var latents = generator.Latents.Draw(key.Derive("latents"), count, dtype);
        if (state.Weights.Count > 0)
            latents = latents.On(state.Weights[0].Tensor.device);
        Sample? all = null;
        for (var start = 0; start < count; start += BatchSize)
        {
            var part = generator
                .Generate(
                    state,
                    latents.narrow(0, start, Math.Min(BatchSize, count - start)),
                    null,
                    Mode.Evaluate,
                    key.Derive("generator").Derive(start)
                )
                .Sample;
            all = all is null ? part : all.Append(part);
        }
        return all!.Map(scope.MoveToOuter);
    }
}
