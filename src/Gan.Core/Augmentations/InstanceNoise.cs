namespace Gan.Core;

/// <summary>
/// Instance noise: x + s e, with e standard normal, element by element, and s the deviation at the step: it gives data and
/// generator overlapping supports.
/// </summary>
/// <remarks>Sonderby et al., 2017, where the deviation falls to nothing; Arjovsky and Bottou, 2017.</remarks>
public sealed record InstanceNoise : IAugmentation
{
    /// <summary>The deviation at each step: at first and at last not below 0.</summary>
    public ISchedule Deviation
    {
        get;
        init => field = RequireDeviation(value);
    } = new Constant(0.1);

    /// <inheritdoc/>
    public Sample Apply(Sample points, AugmentationContext context)
    {
        var deviation = Deviation.Value(context.Step);
        return deviation == 0
            ? points
            : points.MapNamed((name, clean) => clean + context.Key.Derive(name).NormalLike(clean) * deviation);
    }

    static ISchedule RequireDeviation(ISchedule deviation)
    {
        Require.NotNegative(deviation.Value(0), nameof(Deviation));
        Require.NotNegative(deviation.Value(long.MaxValue / 2), nameof(Deviation));
        return deviation;
    }
}
