namespace Gan.Core;

/// <summary>Adam, and Adam with decoupled weight decay, in one pass over memory; on the CPU.</summary>
internal sealed record FusedAdam(
    ScaleByAdam Adam,
    double Decay,
    ScaleByLearningRate LearningRate,
    int LearningRateIndex
)
{
    /// <summary>The one-pass form of a chain that is Adam's, or null.</summary>
    public static FusedAdam? Recognize(Chain chain) =>
        chain.Transforms switch
        {
            [ScaleByAdam adam, ScaleByLearningRate rate] => new(adam, 0, rate, 1),
            [ScaleByAdam adam, AddDecayedWeights decay, ScaleByLearningRate rate] => new(
                adam,
                decay.Coefficient,
                rate,
                2
            ),
            _ => null,
        };

    /// <summary>The same update as the chain's parts make, up to rounding.</summary>
    public Updated Update(ParameterTree gradients, OptimizerState state, ParameterTree weights)
    {
        weights.RequireSamePaths(gradients);
        var adam = state.Transforms[0];
        var rate = LearningRate.Schedule.Value(state.Transforms[LearningRateIndex].Count);
        var moved = WeightKernels.Adam(
            weights.ToArray(),
            gradients.ToArray(),
            adam.Slots.Child("first").ToArray(),
            adam.Slots.Child("second").ToArray(),
            new AdamStep(Adam, rate, rate * Decay, adam.Count + 1)
        );
        var next = state.Transforms.ToBuilder();
        next[0] = new TransformState(adam.Count + 1, adam.Slots.With([.. moved.First, .. moved.Second]));
        next[LearningRateIndex] = LearningRate.Next(state.Transforms[LearningRateIndex]);
        return new Updated(weights.With(moved.Weights), new OptimizerState(next.ToImmutable()));
    }
}
