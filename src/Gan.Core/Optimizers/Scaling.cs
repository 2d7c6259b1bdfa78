namespace Gan.Core;

/// <summary>
/// Adam's direction: m' = b1 m + (1 - b1) g, v' = b2 v + (1 - b2) g^2, then (m'/(1 - b1^t)) / (sqrt(v'/(1 - b2^t)) + eps).
/// </summary>
/// <remarks>Kingma and Ba, 2015.</remarks>
public sealed record ScaleByAdam : AdamMoments, IGradientTransform
{
    /// <inheritdoc/>
    public TransformState Init(ParameterTree weights) => TransformState.Zeros(weights, "first", "second");

    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights)
    {
        var step = state.Count + 1;
        var first = state.Slots.Child("first").Zip(gradients, (m, g) => m * Beta1 + g * (1 - Beta1));
        var second = state.Slots.Child("second").Zip(gradients, (v, g) => v * Beta2 + g.square() * (1 - Beta2));
        var bias1 = 1 - Math.Pow(Beta1, step);
        var bias2 = 1 - Math.Pow(Beta2, step);
        var updates = first.Zip(second, (m, v) => m / bias1 / (v.sqrt() / Math.Sqrt(bias2) + Epsilon));
        return new(updates, new(step, state.Slots.With([.. first.ToArray(), .. second.ToArray()])));
    }
}

/// <summary>RMSProp's direction: v' = decay v + (1 - decay) g^2, then g / (sqrt(v') + eps).</summary>
/// <remarks>Tieleman and Hinton, 2012; epsilon outside the root, as in PyTorch.</remarks>
public sealed record ScaleByRms : IGradientTransform
{
    /// <summary>How much of the second moment stays.</summary>
    public double Decay
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = 0.99;

    /// <summary>What is added to the root of the second moment.</summary>
    public double Epsilon
    {
        get;
        init => field = Require.Positive(value);
    } = 1e-8;

    /// <inheritdoc/>
    public TransformState Init(ParameterTree weights) => TransformState.Zeros(weights, "second");

    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights)
    {
        var second = state.Slots.Child("second").Zip(gradients, (v, g) => v * Decay + g.square() * (1 - Decay));
        var updates = gradients.Zip(second, (g, v) => g / (v.sqrt() + Epsilon));
        return new(updates, new(state.Count + 1, state.Slots.With(second.ToArray())));
    }
}

/// <summary>Momentum: t' = decay t + g; returns t', or with Nesterov's look ahead decay t' + g. The decay may be negative.</summary>
/// <remarks>Polyak, 1964; Sutskever et al., 2013; negative values: Gidel et al., 2019.</remarks>
public sealed record Trace : IGradientTransform
{
    /// <summary>How much of the trace stays.</summary>
    public double Decay
    {
        get;
        init => field = Require.InRange(value, -1, 1);
    } = 0.9;

    /// <summary>Whether to look ahead.</summary>
    public bool Nesterov { get; init; }

    /// <inheritdoc/>
    public TransformState Init(ParameterTree weights) => TransformState.Zeros(weights, "trace");

    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights)
    {
        var trace = state.Slots.Child("trace").Zip(gradients, (t, g) => t * Decay + g);
        var updates = Nesterov ? trace.Zip(gradients, (t, g) => t * Decay + g) : gradients.With(trace.ToArray());
        return new(updates, new(state.Count + 1, state.Slots.With(trace.ToArray())));
    }
}

/// <summary>Multiplies by minus the learning rate: what makes updates of directions.</summary>
public sealed record ScaleByLearningRate(ISchedule Schedule) : IGradientTransform
{
    /// <inheritdoc/>
    public Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights)
    {
        var rate = Schedule.Value(state.Count);
        return new(gradients.Map(gradient => gradient * -rate), Next(state));
    }

    internal TransformState Next(TransformState state) => state with { Count = state.Count + 1 };
}
