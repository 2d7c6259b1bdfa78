namespace Gan.Core;

/// <summary>
/// The distribution of the generator's input. Closed: <see cref="Match{T}"/> takes one function per case. Equality is of
/// the case and the size.
/// </summary>
public abstract record LatentPrior
{
    private LatentPrior(int size) => Size = size;

    /// <summary>The number of latents of a point.</summary>
    public int Size { get; }

    /// <summary>[count, Size] latents from the key.</summary>
    public abstract Tensor Draw(RandomKey key, int count, ScalarType dtype);

    /// <summary>One function per case.</summary>
    public T Match<T>(Func<Normal, T> normal, Func<Uniform, T> uniform, Func<None, T> none) =>
        this switch
        {
            Normal own => normal(own),
            Uniform own => uniform(own),
            _ => none((None)this),
        };

    /// <summary>Independent standard normal latents.</summary>
    public sealed record Normal(int Size) : LatentPrior(Require.Positive(Size, nameof(Size)))
    {
        /// <inheritdoc/>
        public override Tensor Draw(RandomKey key, int count, ScalarType dtype) => key.Normal(dtype, count, Size);
    }

    /// <summary>Independent latents, uniform on [-1, 1).</summary>
    public sealed record Uniform(int Size) : LatentPrior(Require.Positive(Size, nameof(Size)))
    {
        /// <inheritdoc/>
        public override Tensor Draw(RandomKey key, int count, ScalarType dtype) =>
            key.Uniform(dtype, count, Size) * 2 - 1;
    }

    /// <summary>No latents: what a network makes follows from its condition alone, as a translator's or an encoder's.</summary>
    public sealed record None() : LatentPrior(0)
    {
        /// <inheritdoc/>
        public override Tensor Draw(RandomKey key, int count, ScalarType dtype) => zeros([count, 0], dtype);
    }
}
