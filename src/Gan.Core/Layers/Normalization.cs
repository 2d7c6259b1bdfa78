namespace Gan.Core;

/// <summary>
/// Batch normalization over [batch, Features] or [batch, Features, …]: (x - mean) / sqrt(variance + eps), scaled and
/// shifted. Trained on the batch's statistics, used on running ones, which are buffers and never written in place:
/// running' = (1 - momentum) running + momentum batch, with the unbiased variance, as in PyTorch.
/// </summary>
/// <remarks>
/// libtorch's own operator has wrong third derivatives, which second-order rules on penalized objectives need: it is used
/// where first ones alone are taken, and mean, variance and rsqrt elsewhere. Ioffe and Szegedy, 2015.
/// </remarks>
public sealed record BatchNorm(int Features) : ILayer
{
    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>How much of a batch's statistics enters the running ones.</summary>
    public double Momentum { get; init; } = 0.1;

    /// <inheritdoc/>
    public bool MixesSamples => true;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        new(
            ParameterTree.FromTensors([new("weight", ones([Features], dtype)), new("bias", zeros([Features], dtype))]),
            ParameterTree.FromTensors([
                new("running_mean", zeros([Features], dtype)),
                new("running_var", ones([Features], dtype)),
            ])
        );

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        if (input.ndim < 2 || input.size(1) != Features)
            throw new ArgumentException(
                $"BatchNorm({Features}) expects [batch, {Features}, …]; got {input.Describe()}."
            );
        long[] broadcast = [1, Features, .. Enumerable.Repeat(1L, (int)input.ndim - 2)];
        if (mode == Mode.Evaluate)
        {
            var scale = weights["weight"] * (buffers["running_var"] + Epsilon).rsqrt();
            var shift = weights["bias"] - buffers["running_mean"] * scale;
            return new(input * scale.view(broadcast) + shift.view(broadcast), buffers);
        }
        var count = input.numel() / Features;
        if (count < 2)
            throw new ArgumentException(
                $"BatchNorm({Features}) needs more than one value a feature to train; got {input.Describe()}."
            );
        if (Gradient.Asked == DerivativeOrder.First && input.device_type == DeviceType.CPU)
            return Fused(weights, buffers, input);
        var over = Enumerable.Range(0, (int)input.ndim).Where(i => i != 1).Select(i => (long)i).ToArray();
        var mean = input.mean(over, keepdim: true);
        var centered = input - mean;
        var variance = centered.square().mean(over, keepdim: true);
        var output =
            centered * ((variance + Epsilon).rsqrt() * weights["weight"].view(broadcast))
            + weights["bias"].view(broadcast);
        var running = ParameterTree.FromTensors([
            new("running_mean", Running(buffers["running_mean"], mean, 1)),
            new("running_var", Running(buffers["running_var"], variance, count / (count - 1.0))),
        ]);
        return new(output, running);
    }

    LayerOutput Fused(ParameterTree weights, ParameterTree buffers, Tensor input)
    {
        // It writes over the statistics that it is given.
        var running = buffers.Map(buffer => buffer.clone());
        var output = nn.functional.batch_norm(
            input,
            running["running_mean"],
            running["running_var"],
            weights["weight"],
            weights["bias"],
            training: true,
            Momentum,
            Epsilon
        );
        return new(output, running);
    }

    Tensor Running(Tensor before, Tensor batch, double correction) =>
        before * (1 - Momentum) + batch.detach().reshape(Features) * (Momentum * correction);
}

/// <summary>
/// Layer normalization over the last dimensions: (x - mean) / sqrt(variance + eps) within each sample, scaled and
/// shifted element by element. Composed, as <see cref="BatchNorm"/> is and for the same reason. Equality is of the shape.
/// </summary>
/// <remarks>Ba, Kiros and Hinton, 2016.</remarks>
public sealed record LayerNorm : ILayer
{
    /// <summary>Normalizes over the last dimensions, of these sizes.</summary>
    public LayerNorm(params int[] shape) => Shape = [.. shape];

    /// <summary>The sizes of the dimensions normalized over.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>What is added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype)
    {
        long[] sizes = [.. Shape.Select(size => (long)size)];
        return LayerState.Of(new("weight", ones(sizes, dtype)), new("bias", zeros(sizes, dtype)));
    }

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        var sizes = input.shape;
        if (sizes.Length <= Shape.Length || !sizes[^Shape.Length..].SequenceEqual(Shape.Select(size => (long)size)))
            throw new ArgumentException(
                $"LayerNorm({string.Join(", ", Shape)}) expects [batch, …, {string.Join(", ", Shape)}]; got {input.Describe()}."
            );
        var over = Enumerable.Range(1, Shape.Length).Select(i => (long)-i).ToArray();
        var centered = input - input.mean(over, keepdim: true);
        var scale = (centered.square().mean(over, keepdim: true) + Epsilon).rsqrt();
        return new(centered * scale * weights["weight"] + weights["bias"], buffers);
    }

    /// <inheritdoc/>
    public bool Equals(LayerNorm? other) =>
        other is not null && Shape.SequenceEqual(other.Shape) && Epsilon == other.Epsilon;

    /// <inheritdoc/>
    public override int GetHashCode() => Shape.Aggregate(Epsilon.GetHashCode(), HashCode.Combine);
}
