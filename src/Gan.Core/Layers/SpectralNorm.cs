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
public sealed record SpectralNorm(ILayer Inner) : ILayer
{
    const string Weight = "weight";
    const string Vector = "u";
    const int FirstIterations = 15;

    /// <summary>The layer, normalized where that is the kind asked for.</summary>
    internal static ILayer Where(Normalization normalization, ILayer layer) =>
        normalization == Normalization.Spectral ? new SpectralNorm(layer) : layer;

    /// <inheritdoc/>
    public bool MixesSamples => Inner.MixesSamples;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype)
    {
        var inner = Inner.Init(key, dtype);
        if (!inner.Weights.Contains(Weight))
            throw new ArgumentException($"Spectral normalization needs a layer with a weight; {Inner} has none.");
        var matrix = Matrix(inner.Weights[Weight]);
        var u = Unit(key.Derive(Vector).Normal(dtype, (int)matrix.size(0)));
        for (var i = 0; i < FirstIterations; i++)
            u = Iterate(matrix, u).U;
        return inner with { Buffers = ParameterTree.FromTensors([new(Vector, u), .. inner.Buffers]) };
    }

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        var rest =
            buffers.Count == 1
                ? ParameterTree.Empty
                : ParameterTree.FromTensors(buffers.Where(entry => entry.Path != Vector));
        if (mode == Mode.Evaluate)
            return Inner.Apply(Fold(weights, buffers), rest, input, mode, key) with { Buffers = buffers };
        var matrix = Matrix(weights[Weight]);
        var (u, v) = Iterate(matrix.detach(), buffers[Vector]);
        var inner = Inner.Apply(Over(weights, (u * matrix.mv(v)).sum()), rest, input, mode, key);
        return inner with { Buffers = buffers.With([u, .. inner.Buffers.ToArray()]) };
    }

    /// <summary>The inner layer's weights as they are in use: W over its norm. An average of u is no unit vector; it is made one.</summary>
    internal ParameterTree Fold(ParameterTree weights, ParameterTree buffers) =>
        Over(weights, Matrix(weights[Weight]).t().mv(Unit(buffers[Vector])).square().sum().sqrt());

    static ParameterTree Over(ParameterTree weights, Tensor largest) =>
        weights.With([.. weights.Select(entry => entry.Path == Weight ? entry.Tensor / largest : entry.Tensor)]);

    // The outputs of a transposed convolution are the weight's second dimension.
    Tensor Matrix(Tensor weight) =>
        (Inner is ConvTranspose1d or ConvTranspose2d ? weight.transpose(0, 1) : weight).flatten(1);

    static (Tensor U, Tensor V) Iterate(Tensor matrix, Tensor u)
    {
        var v = Unit(matrix.t().mv(u));
        return (Unit(matrix.mv(v)), v);
    }

    static Tensor Unit(Tensor vector) => vector / (vector.square().sum().sqrt() + 1e-12);
}
