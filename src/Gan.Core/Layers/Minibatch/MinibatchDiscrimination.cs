namespace Gan.Core;

/// <summary>
/// Minibatch discrimination: [batch, Inputs] to [batch, Inputs + Kernels]. With M_i = x_i T of [Kernels, Dimensions], each
/// point gets o_i[k], the mean over j != i of exp(-|M_i[k] - M_j[k]|_1): how near the other points are, Kernels times.
/// </summary>
/// <remarks>
/// Salimans et al., 2016, section 3.2, who take the sum: the mean is of the size of the other features at any batch, where
/// the sum makes discriminators with gradient penalties stiff.
/// </remarks>
public sealed record MinibatchDiscrimination(int Inputs, int Kernels, int Dimensions) : IWeightedLayer
{
    /// <summary>What T is drawn from.</summary>
    public IInitializer Initializer { get; init; } = new NormalInitializer { Deviation = 0.1 };

    /// <inheritdoc/>
    public int FanIn => Inputs;

    /// <inheritdoc/>
    public Tensor AsMatrix(Tensor weight) => weight.t();

    /// <inheritdoc/>
    public bool MixesSamples => true;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype)
    {
        var outputs = Kernels * Dimensions;
        var weight = Initializer.Draw(key.Derive("weight"), [Inputs, outputs], Inputs, outputs, dtype);
        return LayerState.Of(new NamedTensor("weight", weight));
    }

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        Require.Shape(input, [Inputs], "MinibatchDiscrimination");
        var count = input.size(0);
        Require.SameDevice(input, weights["weight"], nameof(MinibatchDiscrimination));
        var rows = input.mm(weights["weight"]).view(count, Kernels, Dimensions);
        var distances = (rows.unsqueeze(1) - rows.unsqueeze(0)).abs().sum([3]);
        if (count < 2)
            throw new ArgumentException($"MinibatchDiscrimination needs at least two points; got {input.Describe()}.");
        // Each point is at distance 0 from itself.
        var near = ((-distances).exp().sum([1]) - 1) * (1.0 / (count - 1));
        return new(cat([input, near], 1), buffers);
    }
}
