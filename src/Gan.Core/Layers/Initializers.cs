namespace Gan.Core;

/// <summary>Draws the first values of a weight from a key.</summary>
public interface IInitializer
{
    /// <summary>A tensor of the shape; fanIn and fanOut are the numbers of inputs and outputs that meet in a unit.</summary>
    Tensor Draw(RandomKey key, int[] shape, int fanIn, int fanOut, ScalarType dtype);
}

/// <summary>Uniform on ±1/sqrt(fanIn): PyTorch's default for linear and convolutional layers.</summary>
public sealed record FanInUniform : IInitializer
{
    /// <inheritdoc/>
    public Tensor Draw(RandomKey key, int[] shape, int fanIn, int fanOut, ScalarType dtype) =>
        key.UniformWithin(1 / Math.Sqrt(fanIn), dtype, shape);
}

/// <summary>Normal with mean 0 and the given standard deviation, as DCGAN's 0.02.</summary>
public sealed record NormalInitializer : IInitializer
{
    /// <summary>The standard deviation.</summary>
    public double Deviation
    {
        get;
        init => field = Require.NotNegative(value);
    } = 0.02;

    /// <inheritdoc/>
    public Tensor Draw(RandomKey key, int[] shape, int fanIn, int fanOut, ScalarType dtype) =>
        key.Normal(dtype, shape) * Deviation;
}

/// <summary>Normal with variance 2/fanIn, for rectified units (He, Zhang, Ren and Sun, 2015).</summary>
public sealed record KaimingNormal : IInitializer
{
    /// <inheritdoc/>
    public Tensor Draw(RandomKey key, int[] shape, int fanIn, int fanOut, ScalarType dtype) =>
        key.Normal(dtype, shape) * Math.Sqrt(2.0 / fanIn);
}

/// <summary>Uniform with variance 2/(fanIn + fanOut) (Glorot and Bengio, 2010).</summary>
public sealed record XavierUniform : IInitializer
{
    /// <inheritdoc/>
    public Tensor Draw(RandomKey key, int[] shape, int fanIn, int fanOut, ScalarType dtype) =>
        key.UniformWithin(Math.Sqrt(6.0 / (fanIn + fanOut)), dtype, shape);
}

/// <summary>The same number everywhere.</summary>
public sealed record ConstantInitializer(double Value) : IInitializer
{
    /// <inheritdoc/>
    public Tensor Draw(RandomKey key, int[] shape, int fanIn, int fanOut, ScalarType dtype) =>
        full(Array.ConvertAll(shape, size => (long)size), Value, dtype);
}
