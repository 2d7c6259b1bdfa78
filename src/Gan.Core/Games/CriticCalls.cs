namespace Gan.Core;

/// <summary>How the critic is called within its turn.</summary>
internal static class CriticCalls
{
    /// <summary>
    /// Real and generated points in one call where no layer mixes samples, unless only one kind is differentiated; otherwise
    /// in two, the statistics of the first carried into the second: the second's buffers are those after both. Slopes come
    /// with the points at which penalties read them.
    /// </summary>
    public static (Judged Real, Judged Fake) Both(
        ICritic critic,
        LayerState state,
        Sample real,
        Sample fake,
        Sample? condition,
        CriticOutputs reads,
        PenalizedPoints penalized,
        RandomKey key
    )
    {
        var (ofReal, ofFake) = (penalized.HasFlag(PenalizedPoints.Real), penalized.HasFlag(PenalizedPoints.Fake));
        if (!critic.MixesSamples && fake.BatchSize == real.BatchSize && ofReal == ofFake)
        {
            var joint = Judge(state, real.Append(fake), condition?.Append(condition), key, ofReal);
            var output = joint.Output.Only(reads);
            var count = (int)output.Logits.size(0) / 2;
            return (Half(0), Half(count));

            Judged Half(int start) =>
                new(output.Slice(start, count), joint.Buffers) { Slopes = joint.Slopes?.narrow(0, start, count) };
        }
        var first = Judge(state, real, condition, key, ofReal);
        var second = Judge(state with { Buffers = first.Buffers }, fake, condition, key.Derive("fake"), ofFake);
        return (first, second);

        Judged Judge(LayerState at, Sample points, Sample? given, RandomKey drawn, bool withSlopes) =>
            withSlopes
                ? critic.JudgeWithSlopes(at, points, given, Mode.Train, drawn)
                : critic.Judge(at, points, given, Mode.Train, drawn);
    }

    /// <summary>A critic at fixed weights. Its buffers do not change: a penalty looks, it does not train statistics.</summary>
    public sealed class Fixed(ICritic critic, LayerState state, Sample? condition, RandomKey key) : ICriticFunction
    {
        /// <inheritdoc/>
        public CriticOutput Judge(Sample sample) => critic.Judge(state, sample, condition, Mode.Train, key).Output;

        /// <inheritdoc/>
        public Tensor Slopes(Sample sample) =>
            critic.JudgeWithSlopes(state, sample, condition, Mode.Train, key).Slopes!;
    }

    /// <summary>A generator at fixed weights, with the buffers that it had before the turn.</summary>
    public sealed class FixedGenerator(IGenerator generator, LayerState state, Sample? condition, RandomKey key)
        : IGeneratorFunction
    {
        /// <inheritdoc/>
        public Sample Generate(Tensor latents) => generator.Generate(state, latents, condition, Mode.Train, key).Sample;
    }
}
