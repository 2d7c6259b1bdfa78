namespace Gan.Core;

/// <summary>
/// Consistency: RealWeight E (D(x) - D(T(x)))^2 + FakeWeight E (D(G(z)) - D(T(G(z))))^2: the critic says the same of a point
/// and of its augmentation T. On real points alone it is CR, on both bCR.
/// </summary>
/// <remarks>Zhang et al., 2020; balanced, Zhao et al., 2021. Both papers use weights of 10 for pictures.</remarks>
public sealed record Consistency(IAugmentation Augmentation) : IPenalty
{
    /// <summary>The weight on real points.</summary>
    public double RealWeight
    {
        get;
        init => field = Require.NotNegative(value);
    } = 10;

    /// <summary>The weight on generated points.</summary>
    public double FakeWeight
    {
        get;
        init => field = Require.NotNegative(value);
    }

    /// <inheritdoc/>
    public void Validate(Space space)
    {
        Augmentation.Validate(space);
        if (Augmentation.Init(ScalarType.Float32).Count > 0)
            throw new ArgumentException(
                $"Consistency needs an augmentation without a state of its own; {Augmentation.GetType().Name} has one."
            );
    }

    /// <inheritdoc/>
    public Tensor Evaluate(PenaltyInput input)
    {
        var real = Change(input, input.Real, input.RealOutput, "real") * RealWeight;
        return FakeWeight == 0 ? real : real + Change(input, input.Fake, input.FakeOutput, "fake") * FakeWeight;
    }

    Tensor Change(PenaltyInput input, Sample points, CriticOutput output, string name)
    {
        var context = new AugmentationContext(ParameterTree.Empty, input.Step, input.Key.Derive(name));
        return (output.Logits - input.Critic.Judge(Augmentation.Apply(points, context)).Logits).square().mean();
    }
}
