namespace Gan.Core;

/// <summary>How the critic is called within its turn.</summary>
internal static class CriticCalls
{
    /// <summary>The critic's output on real and on generated points, and its buffers after both.</summary>
    public sealed record Pair(CriticOutput Real, CriticOutput Fake, ParameterTree Buffers);

    /// <summary>
    /// Real and generated points in one call where no layer mixes samples; otherwise in two, the statistics of the
    /// first carried into the second.
    /// </summary>
    public static Pair Both(
        ICritic critic,
        LayerState state,
        Sample real,
        Sample fake,
        Sample? condition,
        CriticOutputs reads,
        RandomKey key
    )
    {
        var count = real.BatchSize;
        if (!critic.MixesSamples && fake.BatchSize == count)
        {
            var twice = condition?.Append(condition);
            var joint = critic.Judge(state, real.Append(fake), twice, Mode.Train, key);
            var output = joint.Output.Only(reads);
            var half = (int)output.Logits.size(0) / 2;
            return new Pair(output.Slice(0, half), output.Slice(half, half), joint.Buffers);
        }
        var first = critic.Judge(state, real, condition, Mode.Train, key);
        var second = critic.Judge(
            state with
            {
                Buffers = first.Buffers,
            },
            fake,
            condition,
            Mode.Train,
            key.Derive("fake")
        );
        return new Pair(first.Output, second.Output, second.Buffers);
    }

    /// <summary>A critic at fixed weights. Its buffers do not change: a penalty looks, it does not train statistics.</summary>
    public sealed class Fixed(ICritic critic, LayerState state, Sample? condition, RandomKey key) : ICriticFunction
    {
        /// <inheritdoc/>
        public CriticOutput Judge(Sample sample) => critic.Judge(state, sample, condition, Mode.Train, key).Output;
    }

    /// <summary>A generator at fixed weights, with the buffers that it had before the turn.</summary>
    public sealed class FixedGenerator(IGenerator generator, LayerState state, Sample? condition, RandomKey key)
        : IGeneratorFunction
    {
        /// <inheritdoc/>
        public Sample Generate(Tensor latents) => generator.Generate(state, latents, condition, Mode.Train, key).Sample;
    }
}
