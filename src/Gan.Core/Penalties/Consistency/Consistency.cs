namespace Gan.Core;

/// <summary>
/// Consistency: RealCoefficient E (D(x) - D(T(x)))^2 + FakeCoefficient E (D(G(z)) - D(T(G(z))))^2: the discriminator says the same of a point
/// and of its augmentation T. On real points alone it is CR, on both bCR.
/// </summary>
/// <remarks>Zhang et al., 2020; balanced, Zhao et al., 2021. Both papers use weights of 10 for pictures.</remarks>
public sealed record Consistency : IPenalty
{
    /// <summary>The augmentation T.</summary>
    public IAugmentation Augmentation { get; init; } = new InstanceNoise();

    /// <summary>The coefficient on real points.</summary>
    public double RealCoefficient
    {
        get;
        init => field = Require.NotNegative(value);
    } = 10;

    /// <summary>The coefficient on generated points.</summary>
    public double FakeCoefficient
    {
        get;
        init => field = Require.NotNegative(value);
    }

    /// <inheritdoc/>
    public void Validate(PenaltySetting setting)
    {
        Augmentation.Validate(setting.Space);
        if (Augmentation.Init(ScalarType.Float32).Count > 0)
            throw new ArgumentException(
                $"Consistency needs an augmentation without a state of its own; {Augmentation.GetType().Name} has one."
            );
    }

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        var real = Change(input, input.Real, input.RealOutput, "real") * RealCoefficient;
        return new(
            FakeCoefficient == 0 ? real : real + Change(input, input.Fake, input.FakeOutput, "fake") * FakeCoefficient
        );
    }

    Tensor Change(PenaltyInput input, Sample points, DiscriminatorOutput output, string name)
    {
        var context = new AugmentationContext(ParameterTree.Empty, input.Step, input.Key.Derive(name));
        return (output.Logits - input.Discriminator.Discriminate(Augmentation.Apply(points, context)).Logits)
            .square()
            .mean();
    }
}
