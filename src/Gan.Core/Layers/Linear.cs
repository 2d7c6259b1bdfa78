namespace Gan.Core;

/// <summary>y = x W^T + b, for x of [batch, Inputs] and W of [Outputs, Inputs].</summary>
public sealed record Linear(int Inputs, int Outputs) : IWeightedLayer
{
    /// <summary>Whether b is added.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>What W is drawn from. b is uniform on ±1/sqrt(Inputs).</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    /// <inheritdoc/>
    public int FanIn => Inputs;

    /// <inheritdoc/>
    public Tensor AsMatrix(Tensor weight) => weight;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype)
    {
        var weight = Initializer.Draw(key.Derive("weight"), [Outputs, Inputs], Inputs, Outputs, dtype);
        var entries = new List<NamedTensor> { new("weight", weight) };
        if (Bias)
            entries.Add(new("bias", new FanInUniform().Draw(key.Derive("bias"), [Outputs], Inputs, Outputs, dtype)));
        return new LayerState(ParameterTree.FromTensors(entries), ParameterTree.Empty);
    }

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        RequireInput(input, weights["weight"]);
        return new(nn.functional.linear(input, weights["weight"], Bias ? weights["bias"] : null), buffers);
    }

    /// <summary>Throws for an input that does not fit, or is on another device than the weight.</summary>
    internal void RequireInput(Tensor input, Tensor weight)
    {
        if (input.ndim != 2 || input.size(1) != Inputs)
            throw new ArgumentException(
                $"Linear({Inputs}, {Outputs}) expects [batch, {Inputs}]; got {input.Describe()}."
            );
        Require.SameDevice(input, weight, nameof(Linear));
    }
}
