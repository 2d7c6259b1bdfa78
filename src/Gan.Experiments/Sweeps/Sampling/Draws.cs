using System.Buffers.Binary;

namespace Gan.Experiments;

/// <summary>Numbers in [0, 1) by name: the same name gives the same number, in any order, on any machine.</summary>
internal static class Draws
{
    /// <summary>The number of a seed and a name.</summary>
    public static double Unit(long seed, string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{name}"));
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>A standard normal number.</summary>
    public static double Normal(long seed, string name) =>
        Math.Sqrt(-2 * Math.Log(1 - Unit(seed, name + "/radius")))
        * Math.Cos(2 * Math.PI * Unit(seed, name + "/angle"));

    /// <summary>The numbers 0 to n - 1 in an order of the name's.</summary>
    public static int[] Permutation(int n, long seed, string name) =>
        [.. Enumerable.Range(0, n).OrderBy(i => Unit(seed, $"{name}/{i}")).ThenBy(i => i)];
}
