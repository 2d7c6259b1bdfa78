namespace Gan.Core;

/// <summary>The largest of Pieces linear functions, for each output: [batch, Inputs] to [batch, Outputs].</summary>
/// <remarks>Goodfellow et al., 2013. The weight is [Outputs Pieces, Inputs], the pieces of an output side by side.</remarks>
public sealed record Maxout(int Inputs, int Outputs, int Pieces) : IWeightedLayer
{
    /// <summary>What the weight is drawn from.</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    Linear Linear => new(Inputs, Outputs * Pieces) { Initializer = Initializer };

    /// <inheritdoc/>
    public int FanIn => Inputs;

    /// <inheritdoc/>
    public Tensor AsMatrix(Tensor weight) => weight;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) => Linear.Init(key, dtype);

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        var pieces = Linear.Apply(weights, buffers, input, mode, key).Output;
        return new(pieces.view(input.size(0), Outputs, Pieces).amax([2]), buffers);
    }
}
