namespace Gan.Core;

/// <summary>
/// Spectral normalization: a layer with its weight W over its largest singular value, W / s with s = u . W v, so that its
/// norm as a linear map is 1. W is taken as a matrix of [outputs, rest]. u is a buffer; in training each call makes one
/// power iteration, v = W^T u / |W^T u|, u' = W v / |W v|, and s is a function of W at fixed u' and v; in use s = |W^T u| for u of length 1.
/// </summary>
/// <remarks>
/// Miyato et al., 2018. The first u has made 15 iterations, as in PyTorch. Of a convolution it is the norm of the kernel's
/// matrix, as in the paper, not of the convolution.
/// </remarks>
public sealed record SpectralNorm(IWeightedLayer Inner) : ILayer
{
    const string Vector = "u";
    const int FirstIterations = 15;

    /// <summary>The layer, normalized where that is the kind asked for.</summary>
    internal static ILayer Where(Normalization normalization, IWeightedLayer layer) =>
        normalization == Normalization.Spectral ? new SpectralNorm(layer) : layer;

    /// <inheritdoc/>
    public bool MixesSamples => Inner.MixesSamples;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype)
    {
        var inner = Inner.Init(key, dtype);
        var matrix = Inner.AsMatrix(inner.Weights[Inner.WeightPath]);
        var u = Unit(key.Derive(Vector).Normal(dtype, (int)matrix.size(0)));
        for (var i = 0; i < FirstIterations; i++)
            u = Iterate(matrix, u).U;
        return inner with { Buffers = ParameterTree.FromTensors([new(Vector, u), .. inner.Buffers]) };
    }

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        var rest = Rest(buffers);
        if (mode == Mode.Evaluate)
            return Inner.Apply(Fold(weights, buffers), rest, input, mode, key) with { Buffers = buffers };
        var matrix = Inner.AsMatrix(weights[Inner.WeightPath]);
        var (u, v) = Iterate(matrix.detach(), buffers[Vector]);
        var inner = Inner.Apply(Over(weights, (u * matrix.mv(v)).sum()), rest, input, mode, key);
        return inner with { Buffers = buffers.With([u, .. inner.Buffers.ToArray()]) };
    }

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) => Inner.Matrices(weights);

    /// <inheritdoc/>
    public LayerState Folded(LayerState state) => new(Fold(state.Weights, state.Buffers), Rest(state.Buffers));

    // W over its norm. An average of u is no unit vector; it is made one.
    ParameterTree Fold(ParameterTree weights, ParameterTree buffers) =>
        Over(weights, Inner.AsMatrix(weights[Inner.WeightPath]).t().mv(Unit(buffers[Vector])).square().sum().sqrt());

    static ParameterTree Rest(ParameterTree buffers) =>
        buffers.Count == 1
            ? ParameterTree.Empty
            : ParameterTree.FromTensors(buffers.Where(entry => entry.Path != Vector));

    ParameterTree Over(ParameterTree weights, Tensor largest) =>
        weights.With([
            .. weights.Select(entry => entry.Path == Inner.WeightPath ? entry.Tensor / largest : entry.Tensor),
        ]);

    static (Tensor U, Tensor V) Iterate(Tensor matrix, Tensor u)
    {
        var v = Unit(matrix.t().mv(u));
        return (Unit(matrix.mv(v)), v);
    }

    static Tensor Unit(Tensor vector) => vector / (vector.square().sum().sqrt() + 1e-12);
}
