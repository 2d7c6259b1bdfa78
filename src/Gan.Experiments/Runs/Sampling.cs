namespace Gan.Experiments;

/// <summary>Draws points from a trained generator, on its device, in batches, without a graph.</summary>
public static class Sampling
{
    const int BatchSize = 512;

    /// <summary>
    /// As many points as asked for, from latents of the key: the same key gives the same latents to any state. A generator
    /// that is conditioned makes one point of each of as many conditions.
    /// </summary>
    public static Sample Generate(
        BoundNetwork generator,
        Sample? conditions,
        RandomKey key,
        int count,
        ScalarType dtype
    )
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        var (network, state) = (generator.Generator, generator.State);
        var device = state.Weights.Count > 0 ? state.Weights[0].Tensor.device : Devices.Cpu;
        var latents = network.Latents.Draw(key.Derive("latents"), count, dtype).On(device);
        var given = network.Condition is null ? null : conditions?.On(device);
        Sample? all = null;
        for (var start = 0; start < count; start += BatchSize)
        {
            var size = Math.Min(BatchSize, count - start);
            var part = network
                .Generate(
                    state,
                    latents.narrow(0, start, size),
                    given?.Slice(start, size),
                    Mode.Evaluate,
                    key.Derive("generator").Derive(start)
                )
                .Sample;
            all = all is null ? part : all.Append(part);
        }
        return all!.Map(scope.MoveToOuter);
    }
}
