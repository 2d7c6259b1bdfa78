using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Gan.Core;

/// <summary>
/// Randomness as an argument: 128 bits that name a stream of numbers. A key is never advanced; what needs numbers of its
/// own derives a key by name or index. The same key gives the same numbers, in any order and on any thread.
/// Equality is of the bits. The default value is the key of zeros, which is as good as any other.
/// </summary>
/// <param name="Bits">The 128 bits.</param>
public readonly record struct RandomKey(UInt128 Bits)
{
    /// <summary>The root key of a seed.</summary>
    public static RandomKey FromSeed(long seed) => default(RandomKey).Derive("seed").Derive(seed);

    /// <summary>The key of a named use: the leading 128 bits of SHA-256 over this key and the name.</summary>
    public RandomKey Derive(string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        Span<byte> message = stackalloc byte[17 + text.Length];
        message[16] = 1;
        text.CopyTo(message[17..]);
        return Hash(message);
    }

    /// <summary>The key of an index: of a step, a turn, an epoch.</summary>
    public RandomKey Derive(long index)
    {
        Span<byte> message = stackalloc byte[25];
        message[16] = 2;
        BinaryPrimitives.WriteInt64LittleEndian(message[17..], index);
        return Hash(message);
    }

    /// <summary>Standard normal numbers of the given shape.</summary>
    public Tensor Normal(ScalarType dtype, params int[] sizes) => Philox.Normal(Bits, Long(sizes), dtype);

    /// <summary>Uniform numbers on [0, 1) of the given shape.</summary>
    public Tensor Uniform(ScalarType dtype, params int[] sizes) => Philox.Uniform(Bits, Long(sizes), dtype);

    /// <summary>Uniform numbers on [-bound, bound) of the given shape.</summary>
    internal Tensor UniformWithin(double bound, ScalarType dtype, int[] sizes) =>
        Uniform(dtype, sizes) * (2 * bound) - bound;

    /// <summary>Ones with probability <paramref name="probability"/> and zeros otherwise.</summary>
    public Tensor Bernoulli(ScalarType dtype, double probability, params int[] sizes) =>
        Uniform(dtype, sizes).lt(Require.InRange(probability, 0, 1)).to_type(dtype);

    /// <summary>Standard normal numbers of another tensor's shape, type and device.</summary>
    internal Tensor NormalLike(Tensor like) => Normal(like.dtype, Sizes(like)).On(like.device);

    /// <summary>Uniform numbers on [0, 1) of another tensor's shape, type and device.</summary>
    internal Tensor UniformLike(Tensor like) => Uniform(like.dtype, Sizes(like)).On(like.device);

    /// <summary>Ones with a probability and zeros otherwise, of another tensor's shape, type and device.</summary>
    internal Tensor BernoulliLike(Tensor like, double probability) =>
        Bernoulli(like.dtype, probability, Sizes(like)).On(like.device);

    /// <summary>A permutation of 0 .. count - 1.</summary>
    public IReadOnlyList<long> Permutation(int count) => Philox.Permutation(Bits, count);

    RandomKey Hash(Span<byte> message)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(message, Bits);
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(message, digest);
        return new RandomKey(BinaryPrimitives.ReadUInt128LittleEndian(digest));
    }

    static int[] Sizes(Tensor like) => Array.ConvertAll(like.shape, size => (int)size);

    static long[] Long(int[] sizes) => Array.ConvertAll(sizes, size => (long)size);
}
