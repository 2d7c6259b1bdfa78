namespace Gan.Core;

/// <summary>How the critic is called within its turn.</summary>
internal static class CriticCalls
{
    /// <summary>The critic's output on real and on generated points, and its buffers after both.</summary>
    public sealed record Pair(CriticOutput Real, CriticOutput Fake, ParameterTree Buffers)
    {
        /// <summary>What <see cref="PenaltyInput.RealSlopes"/> is, where penalties read it.</summary>
        public Tensor? RealSlopes { get; init; }

        /// <summary>What <see cref="PenaltyInput.FakeSlopes"/> is, where penalties read it.</summary>
        public Tensor? FakeSlopes { get; init; }
    }

    /// <summary>
    /// Real and generated points in one call where no layer mixes samples, unless only one kind is differentiated; otherwise
    /// in two, the statistics of the first carried into the second.
    /// </summary>
    public static Pair Both(
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
            var joint = Judge(critic, state, real.Append(fake), condition?.Append(condition), key, ofReal);
            var output = joint.Output.Only(reads);
            var half = (int)output.Logits.size(0) / 2;
            return new Pair(output.Slice(0, half), output.Slice(half, half), joint.Buffers)
            {
                RealSlopes = joint.Slopes?.narrow(0, 0, half),
                FakeSlopes = joint.Slopes?.narrow(0, half, half),
            };
        }
        var first = Judge(critic, state, real, condition, key, ofReal);
        var second = Judge(critic, state with { Buffers = first.Buffers }, fake, condition, key.Derive("fake"), ofFake);
        return new Pair(first.Output, second.Output, second.Buffers)
        {
            RealSlopes = first.Slopes,
            FakeSlopes = second.Slopes,
        };
    }

    static Judged Judge(
        ICritic critic,
        LayerState state,
        Sample points,
        Sample? condition,
        RandomKey key,
        bool withSlopes
    ) =>
        withSlopes
            ? critic.JudgeWithSlopes(state, points, condition, Mode.Train, key)
            : critic.Judge(state, points, condition, Mode.Train, key);

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
