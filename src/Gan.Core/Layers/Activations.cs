namespace Gan.Core;

/// <summary>A layer that applies one function to every element. It has no state.</summary>
public abstract record Activation : ILayer
{
    /// <summary>The function of the elements.</summary>
    public abstract Tensor Function(Tensor input);

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key) =>
        new(Function(input), buffers);
}

/// <summary>x.</summary>
public sealed record Identity : Activation
{
    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => input;
}

/// <summary>max(x, 0).</summary>
public sealed record Relu : Activation
{
    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => input.relu();
}

/// <summary>x where x is positive, <see cref="Slope"/> x elsewhere.</summary>
public sealed record LeakyRelu : Activation
{
    /// <summary>The slope where x is negative: 0.2, as in DCGAN's discriminator, where no other is named.</summary>
    public double Slope { get; init; } = 0.2;

    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => input.leaky_relu(Slope);
}

/// <summary>x where x is positive, e^x - 1 elsewhere.</summary>
public sealed record Elu : Activation
{
    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => nn.functional.elu(input, 1);
}

/// <summary>x sigmoid(x), also called swish.</summary>
public sealed record Silu : Activation
{
    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => nn.functional.silu(input);
}

/// <summary>x times the normal distribution function of x.</summary>
public sealed record Gelu : Activation
{
    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => nn.functional.gelu(input);
}

/// <summary>log(1 + e^x).</summary>
public sealed record Softplus : Activation
{
    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => input.softplus();
}

/// <summary>The hyperbolic tangent.</summary>
public sealed record Tanh : Activation
{
    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => input.tanh();
}

/// <summary>1 / (1 + e^-x).</summary>
public sealed record Sigmoid : Activation
{
    /// <inheritdoc/>
    public override Tensor Function(Tensor input) => input.sigmoid();
}
