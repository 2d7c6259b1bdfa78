namespace Gan.Core;

/// <summary>Whether a network is being trained or used.</summary>
public enum Mode
{
    /// <summary>Batch statistics, dropout.</summary>
    Train,

    /// <summary>Running statistics, no dropout.</summary>
    Evaluate,
}

/// <summary>What training changes (weights, by gradients) and what a call changes (buffers, by statistics).</summary>
public sealed record LayerState(ParameterTree Weights, ParameterTree Buffers)
{
    /// <summary>The state of a layer that has none.</summary>
    public static LayerState Empty { get; } = new(ParameterTree.Empty, ParameterTree.Empty);

    /// <summary>The state of weights alone.</summary>
    internal static LayerState Of(params NamedTensor[] weights) =>
        new(ParameterTree.FromTensors(weights), ParameterTree.Empty);

    /// <summary>One state of several, each under its name.</summary>
    internal static LayerState Join(params (string Name, LayerState State)[] children) =>
        new(
            ParameterTree.Join(children.Select(child => new NamedTree(child.Name, child.State.Weights))),
            ParameterTree.Join(children.Select(child => new NamedTree(child.Name, child.State.Buffers)))
        );

    /// <summary>The same numbers, the weights as leaves that gradients are wanted of.</summary>
    internal LayerState WithLeaves() => this with { Weights = Weights.Leaves() };

    /// <summary>The same numbers on a device.</summary>
    internal LayerState On(Device device) =>
        new(Weights.Map(tensor => tensor.On(device)), Buffers.Map(tensor => tensor.On(device)));

    /// <summary>Whether a gradient of the weights is wanted.</summary>
    internal bool RequiresGradients => Weights.ToArray().Any(weight => weight.requires_grad);
}

/// <summary>A layer's output, and its buffers after the call.</summary>
public sealed record LayerOutput(Tensor Output, ParameterTree Buffers)
{
    /// <summary>What the last of several layers was given: a network's features. Null for a single layer.</summary>
    public Tensor? Features { get; init; }

    internal Tensor? Slopes { get; init; }
}

/// <summary>
/// A layer is a frozen value: its sizes. Weights and buffers are arguments, and so is randomness, so that calling it is
/// a pure function of what it is given.
/// </summary>
public interface ILayer
{
    /// <summary>True when, in training, a sample's output depends on the other samples of its batch.</summary>
    bool MixesSamples => false;

    /// <summary>The first weights and buffers, drawn from the key; none for a layer without a state.</summary>
    LayerState Init(RandomKey key, ScalarType dtype) => LayerState.Empty;

    /// <summary>The output for an input whose first dimension is the batch.</summary>
    LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key);

    /// <summary>The weights of this layer and those within it as matrices [outputs, rest], by their paths.</summary>
    IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) =>
        this is IWeightedLayer own ? [new(own.WeightPath, own.AsMatrix(weights[own.WeightPath]))] : [];

    /// <summary>The layer's weights and buffers as they are in use, without what only training needs.</summary>
    LayerState Folded(LayerState state) => state;
}

/// <summary>Weights as matrices, of layers within others.</summary>
internal static class LayerMatrices
{
    /// <summary>The same matrices, their paths below a level.</summary>
    public static IEnumerable<NamedTensor> Under(this IEnumerable<NamedTensor> matrices, string level) =>
        matrices.Select(matrix => matrix with { Path = $"{level}/{matrix.Path}" });
}

/// <summary>A layer that reads a condition beside its input.</summary>
public interface IConditionalLayer : ILayer
{
    /// <summary>The output for an input and a condition of [batch, n], numbers that a network made of what it is given.</summary>
    LayerOutput Apply(
        ParameterTree weights,
        ParameterTree buffers,
        Tensor input,
        Tensor condition,
        Mode mode,
        RandomKey key
    );
}

/// <summary>A layer with a weight, which is a matrix to those who look at its norm or its rows.</summary>
public interface IWeightedLayer : ILayer
{
    /// <summary>The path of the weight in the layer's own.</summary>
    string WeightPath => "weight";

    /// <summary>The number of inputs that meet in an output.</summary>
    int FanIn { get; }

    /// <summary>The weight as a matrix [outputs, rest].</summary>
    Tensor AsMatrix(Tensor weight);
}
