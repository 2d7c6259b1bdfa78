namespace Gan.Core;

/// <summary>The states of a chain's transforms, in order.</summary>
public sealed record OptimizerState(ImmutableArray<TransformState> Transforms)
{
    internal IEnumerable<Tensor> Tensors => Transforms.SelectMany(transform => transform.Slots.ToArray());

    internal OptimizerState Map(Func<Tensor, Tensor> function) =>
        new([.. Transforms.Select(transform => transform with { Slots = transform.Slots.Map(function) })]);
}

/// <summary>Weights after an update, and the optimizer's next state.</summary>
public sealed record Updated(ParameterTree Weights, OptimizerState State);

/// <summary>
/// An optimizer: transforms one after the other. Equality is of the transforms, in order.
/// A chain that is Adam's runs in one pass over memory on the CPU, with the same result up to rounding.
/// </summary>
public sealed record Chain
{
    /// <summary>The transforms, the first one nearest to the gradients.</summary>
    public Chain(params IGradientTransform[] transforms) => Transforms = [.. transforms];

    /// <summary>The transforms, the first one nearest to the gradients.</summary>
    public ImmutableArray<IGradientTransform> Transforms { get; }

    /// <summary>The first state for weights of this form.</summary>
    public OptimizerState Init(ParameterTree weights) =>
        new([.. Transforms.Select(transform => transform.Init(weights))]);

    /// <summary>The weights moved by the transformed gradients.</summary>
    public Updated Update(ParameterTree gradients, OptimizerState state, ParameterTree weights)
    {
        RequireOneStateEach(state);
        return
            FusedAdam.Recognize(this) is { } fused && weights.All(entry => entry.Tensor.device_type == DeviceType.CPU)
            ? fused.Update(gradients, state, weights)
            : UpdateInParts(gradients, state, weights);
    }

    /// <summary>The same, transform by transform even where one pass would do.</summary>
    internal Updated UpdateInParts(ParameterTree gradients, OptimizerState state, ParameterTree weights)
    {
        RequireOneStateEach(state);
        var next = new List<TransformState>();
        foreach (var (transform, own) in Transforms.Zip(state.Transforms))
        {
            (gradients, var after) = transform.Update(gradients, own, weights);
            next.Add(after);
        }
        return new Updated(weights.Zip(gradients, (weight, update) => weight + update), new([.. next]));
    }

    /// <inheritdoc/>
    public bool Equals(Chain? other) => other is not null && Transforms.SequenceEqual(other.Transforms);

    /// <inheritdoc/>
    public override int GetHashCode() => Transforms.Aggregate(0, HashCode.Combine);

    void RequireOneStateEach(OptimizerState state)
    {
        if (state.Transforms.Length != Transforms.Length)
            throw new ArgumentException(
                $"The chain has {Transforms.Length} transforms, its state {state.Transforms.Length}. Make the state with Init of the same chain."
            );
    }
}
