namespace Gan.Core;

/// <summary>What a transform carries from one update to the next: how often it ran, and its tensors.</summary>
public sealed record TransformState(long Count, ParameterTree Slots)
{
    /// <summary>The state of a transform that carries nothing.</summary>
    public static TransformState Empty { get; } = new(0, ParameterTree.Empty);

    /// <summary>The first state of a transform that carries trees of the weights' form: zeros at first.</summary>
    internal static TransformState Zeros(ParameterTree weights, params string[] names) =>
        new(0, ParameterTree.Join(names.Select(name => new NamedTree(name, weights.Map(own => zeros_like(own))))));
}

/// <summary>A transform's output: the changed gradients, or the updates to add to the weights, and its next state.</summary>
public sealed record Transformed(ParameterTree Updates, TransformState State);

/// <summary>
/// One step on the way from gradients to updates: data with two pure methods. A chain of them is an optimizer; what the
/// last one returns is added to the weights.
/// </summary>
public interface IGradientTransform
{
    /// <summary>The first state for weights of this form.</summary>
    TransformState Init(ParameterTree weights) => TransformState.Empty;

    /// <summary>The changed gradients and the next state.</summary>
    Transformed Update(ParameterTree gradients, TransformState state, ParameterTree weights);
}
