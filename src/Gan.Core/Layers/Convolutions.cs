namespace Gan.Core;

/// <summary>
/// Cross-correlation along one dimension: [batch, Inputs, length] to [batch, Outputs, length'], with
/// length' = (length + 2 Padding - Kernel) / Stride + 1, rounded down.
/// </summary>
public sealed record Conv1d(int Inputs, int Outputs, int Kernel) : ILayer
{
    /// <summary>The step between outputs.</summary>
    public int Stride
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>Zeros added on both sides.</summary>
    public int Padding { get; init; }

    /// <summary>What the weight is drawn from.</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        ConvolutionWeights.Draw(key, [Outputs, Inputs, Kernel], Outputs, Inputs * Kernel, Initializer, dtype);

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        ConvolutionWeights.Validate(nameof(Conv1d), input, weights, Inputs, 1);
        return new(nn.functional.conv1d(input, weights["weight"], weights["bias"], Stride, Padding), buffers);
    }
}

/// <summary>
/// Cross-correlation over images: [batch, Inputs, height, width] to [batch, Outputs, height', width'], with
/// height' = (height + 2 Padding - Kernel) / Stride + 1, rounded down, and width' likewise.
/// </summary>
public sealed record Conv2d(int Inputs, int Outputs, int Kernel) : ILayer
{
    /// <summary>The step between outputs.</summary>
    public int Stride
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>Zeros added on every side.</summary>
    public int Padding { get; init; }

    /// <summary>What the weight is drawn from.</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        ConvolutionWeights.Draw(
            key,
            [Outputs, Inputs, Kernel, Kernel],
            Outputs,
            Inputs * Kernel * Kernel,
            Initializer,
            dtype
        );

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        ConvolutionWeights.Validate(nameof(Conv2d), input, weights, Inputs, 2);
        return new(
            nn.functional.conv2d(input, weights["weight"], weights["bias"], [Stride, Stride], [Padding, Padding]),
            buffers
        );
    }
}

/// <summary>
/// The transpose of <see cref="Conv1d"/>: [batch, Inputs, length] to [batch, Outputs, length'], with
/// length' = (length - 1) Stride - 2 Padding + Kernel.
/// </summary>
public sealed record ConvTranspose1d(int Inputs, int Outputs, int Kernel) : ILayer
{
    /// <summary>The step between the places that inputs write to.</summary>
    public int Stride
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>Elements cut off on both sides.</summary>
    public int Padding { get; init; }

    /// <summary>What the weight is drawn from.</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        ConvolutionWeights.Draw(key, [Inputs, Outputs, Kernel], Outputs, Outputs * Kernel, Initializer, dtype);

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        ConvolutionWeights.Validate(nameof(ConvTranspose1d), input, weights, Inputs, 1);
        var spread = nn.functional.conv_transpose1d(input, weights["weight"], null, Stride, Padding);
        return new(ConvolutionWeights.Shift(spread, weights["bias"]), buffers);
    }
}

/// <summary>
/// The transpose of <see cref="Conv2d"/>: [batch, Inputs, height, width] to [batch, Outputs, height', width'], with
/// height' = (height - 1) Stride - 2 Padding + Kernel, and width' likewise.
/// </summary>
public sealed record ConvTranspose2d(int Inputs, int Outputs, int Kernel) : ILayer
{
    /// <summary>The step between the places that inputs write to.</summary>
    public int Stride
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>Elements cut off on every side.</summary>
    public int Padding { get; init; }

    /// <summary>What the weight is drawn from.</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        ConvolutionWeights.Draw(
            key,
            [Inputs, Outputs, Kernel, Kernel],
            Outputs,
            Outputs * Kernel * Kernel,
            Initializer,
            dtype
        );

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        ConvolutionWeights.Validate(nameof(ConvTranspose2d), input, weights, Inputs, 2);
        var spread = nn.functional.conv_transpose2d(
            input,
            weights["weight"],
            null,
            [Stride, Stride],
            [Padding, Padding]
        );
        return new(ConvolutionWeights.Shift(spread, weights["bias"]), buffers);
    }
}

/// <summary>What the four convolutions share.</summary>
internal static class ConvolutionWeights
{
    // PyTorch counts a transposed convolution's fan-in over its outputs; so does this.
    public static LayerState Draw(
        RandomKey key,
        int[] shape,
        int outputs,
        int fanIn,
        IInitializer initializer,
        ScalarType dtype
    )
    {
        var fanOut = shape[0] * shape[2..].Aggregate(1, (a, b) => a * b);
        return new(
            ParameterTree.FromTensors([
                new("weight", initializer.Draw(key.Derive("weight"), shape, fanIn, fanOut, dtype)),
                new("bias", new FanInUniform().Draw(key.Derive("bias"), [outputs], fanIn, fanOut, dtype)),
            ]),
            ParameterTree.Empty
        );
    }

    /// <summary>A bias added channel by channel: a transposed convolution that is given one goes by a slow reference kernel.</summary>
    public static Tensor Shift(Tensor input, Tensor bias) =>
        input + bias.view([-1, .. Enumerable.Repeat(1L, (int)input.ndim - 2)]);

    public static void Validate(string layer, Tensor input, ParameterTree weights, int channels, int dimensions)
    {
        Require.SameDevice(input, weights["weight"], layer);
        if (input.ndim != dimensions + 2 || input.size(1) != channels)
            throw new ArgumentException(
                $"{layer} expects [batch, {channels}, {string.Join(", ", dimensions == 1 ? new[] { "length" } : new[] { "height", "width" })}]; got {input.Describe()}."
            );
    }
}
