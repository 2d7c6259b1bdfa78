namespace Gan.Core;

/// <summary>A convolution or the transpose of one: what all four have in common.</summary>
/// <param name="Inputs">The channels that it is given.</param>
/// <param name="Outputs">The channels that it gives.</param>
/// <param name="Kernel">The length of the kernel along each dimension.</param>
public abstract record Convolution(int Inputs, int Outputs, int Kernel) : IWeightedLayer
{
    /// <summary>The step between outputs; transposed, between the places that inputs write to.</summary>
    public int Stride
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>Zeros added on every side; transposed, elements cut off there.</summary>
    public int Padding { get; init; }

    /// <summary>What the weight is drawn from.</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    /// <summary>The dimensions that the kernel moves along.</summary>
    private protected abstract int Dimensions { get; }

    /// <summary>Whether this is the transpose of a convolution, whose weight is [Inputs, Outputs, …].</summary>
    private protected virtual bool IsTransposed => false;

    /// <summary>The layer of a given weight and bias.</summary>
    private protected abstract Tensor Convolve(Tensor input, Tensor weight, Tensor bias);

    int KernelElements => (int)Math.Pow(Kernel, Dimensions);

    /// <summary>As PyTorch counts it: a transposed convolution's over its outputs.</summary>
    public int FanIn => (IsTransposed ? Outputs : Inputs) * KernelElements;

    /// <inheritdoc/>
    public Tensor AsMatrix(Tensor weight) => (IsTransposed ? weight.transpose(0, 1) : weight).flatten(1);

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype)
    {
        var (rows, columns) = IsTransposed ? (Inputs, Outputs) : (Outputs, Inputs);
        int[] shape = [rows, columns, .. Enumerable.Repeat(Kernel, Dimensions)];
        var fanOut = rows * KernelElements;
        return LayerState.Of(
            new("weight", Initializer.Draw(key.Derive("weight"), shape, FanIn, fanOut, dtype)),
            new("bias", new FanInUniform().Draw(key.Derive("bias"), [Outputs], FanIn, fanOut, dtype))
        );
    }

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        Require.SameDevice(input, weights["weight"], GetType().Name);
        if (input.ndim != Dimensions + 2 || input.size(1) != Inputs)
            throw new ArgumentException(
                $"{GetType().Name} expects [batch, {Inputs}, {(Dimensions == 1 ? "length" : "height, width")}]; got {input.Describe()}."
            );
        return new(Convolve(input, weights["weight"], weights["bias"]), buffers);
    }

    /// <summary>A bias added channel by channel: given one, a transposed convolution goes by a slow kernel of oneDNN's.</summary>
    private protected static Tensor Shift(Tensor input, Tensor bias) =>
        input + bias.view([-1, .. Enumerable.Repeat(1L, (int)input.ndim - 2)]);
}

/// <summary>
/// Cross-correlation along one dimension: [batch, Inputs, length] to [batch, Outputs, length'], with
/// length' = (length + 2 Padding - Kernel) / Stride + 1, rounded down.
/// </summary>
public sealed record Conv1d(int Inputs, int Outputs, int Kernel) : Convolution(Inputs, Outputs, Kernel)
{
    private protected override int Dimensions => 1;

    private protected override Tensor Convolve(Tensor input, Tensor weight, Tensor bias) =>
        nn.functional.conv1d(input, weight, bias, Stride, Padding);
}

/// <summary>
/// Cross-correlation over images: [batch, Inputs, height, width] to [batch, Outputs, height', width'], with
/// height' = (height + 2 Padding - Kernel) / Stride + 1, rounded down, and width' likewise.
/// </summary>
public sealed record Conv2d(int Inputs, int Outputs, int Kernel) : Convolution(Inputs, Outputs, Kernel)
{
    private protected override int Dimensions => 2;

    private protected override Tensor Convolve(Tensor input, Tensor weight, Tensor bias) =>
        nn.functional.conv2d(input, weight, bias, [Stride, Stride], [Padding, Padding]);
}

/// <summary>
/// The transpose of <see cref="Conv1d"/>: [batch, Inputs, length] to [batch, Outputs, length'], with
/// length' = (length - 1) Stride - 2 Padding + Kernel.
/// </summary>
public sealed record ConvTranspose1d(int Inputs, int Outputs, int Kernel) : Convolution(Inputs, Outputs, Kernel)
{
    private protected override int Dimensions => 1;

    private protected override bool IsTransposed => true;

    private protected override Tensor Convolve(Tensor input, Tensor weight, Tensor bias) =>
        Shift(nn.functional.conv_transpose1d(input, weight, null, Stride, Padding), bias);
}

/// <summary>
/// The transpose of <see cref="Conv2d"/>: [batch, Inputs, height, width] to [batch, Outputs, height', width'], with
/// height' = (height - 1) Stride - 2 Padding + Kernel, and width' likewise.
/// </summary>
public sealed record ConvTranspose2d(int Inputs, int Outputs, int Kernel) : Convolution(Inputs, Outputs, Kernel)
{
    private protected override int Dimensions => 2;

    private protected override bool IsTransposed => true;

    private protected override Tensor Convolve(Tensor input, Tensor weight, Tensor bias) =>
        Shift(nn.functional.conv_transpose2d(input, weight, null, [Stride, Stride], [Padding, Padding]), bias);
}
