namespace Gan.Core;

/// <summary>
/// The distribution of the generator's input. Closed: <see cref="Match{T}"/> takes one function per case. Equality is of
/// the case and the size.
/// </summary>
public abstract record LatentPrior
{
    private LatentPrior(int size) => Size = Require.Positive(size);

    /// <summary>The number of latents of a point.</summary>
    public int Size { get; }

    /// <summary>[count, Size] latents from the key.</summary>
    public abstract Tensor Draw(RandomKey key, int count, ScalarType dtype);

    /// <summary>One function per case.</summary>
    public T Match<T>(Func<Normal, T> normal, Func<Uniform, T> uniform) =>
        this is Normal own ? normal(own) : uniform((Uniform)this);

    /// <summary>Independent standard normal latents.</summary>
    public sealed record Normal(int Size) : LatentPrior(Size)
    {
        /// <inheritdoc/>
        public override Tensor Draw(RandomKey key, int count, ScalarType dtype) => key.Normal(dtype, count, Size);
    }

    /// <summary>Independent latents, uniform on [-1, 1).</summary>
    public sealed record Uniform(int Size) : LatentPrior(Size)
    {
        /// <inheritdoc/>
        public override Tensor Draw(RandomKey key, int count, ScalarType dtype) =>
            key.Uniform(dtype, count, Size) * 2 - 1;
    }
}
