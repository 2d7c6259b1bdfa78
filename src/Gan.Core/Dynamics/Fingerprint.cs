using System.Security.Cryptography;
using System.Text;

namespace Gan.Core;

/// <summary>
/// The bits of a game's state in few: 64 of a hash for each of its tensors, and 64 of all of them. Two states with the same
/// fingerprint are the same; where they are not, the tensors that differ are known by name.
/// </summary>
/// <param name="Step">The steps made.</param>
/// <param name="State">The leading 64 bits of SHA-256 over all tensors' hashes.</param>
/// <param name="Tensors">The leading 64 bits of SHA-256 over each tensor, by its path in a checkpoint, in order.</param>
public sealed record Fingerprint(long Step, ulong State, ImmutableArray<TensorBits> Tensors)
{
    /// <summary>The fingerprint of a state.</summary>
    public static Fingerprint Of(GameState state)
    {
        using var scope = NewDisposeScope();
        ImmutableArray<TensorBits> tensors =
        [
            .. GameCheckpoint
                .ToTensors(state)
                .Select(entry => new TensorBits(entry.Path, Leading(TreeHash.Of([entry])))),
        ];
        var text = string.Join('\n', tensors.Select(bits => $"{bits.Path} {bits.Bits:x16}"));
        var all = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new Fingerprint(state.Step, Leading(all), tensors);

        // 64 bits are 16 hexadecimal digits.
        static ulong Leading(string hash) => Convert.ToUInt64(hash[..16], fromBase: 16);
    }

    /// <summary>The paths of the tensors that differ from another state's, those that only one has included.</summary>
    public IReadOnlyList<string> Differences(Fingerprint other)
    {
        var theirs = other.Tensors.ToDictionary(bits => bits.Path, bits => bits.Bits);
        return
        [
            .. Tensors
                .Where(bits => !theirs.Remove(bits.Path, out var found) || found != bits.Bits)
                .Select(bits => bits.Path),
            .. theirs.Keys,
        ];
    }
}

/// <summary>The hash of one tensor: path, dtype, shape and bytes.</summary>
/// <param name="Path">Its path in a checkpoint.</param>
/// <param name="Bits">The leading 64 bits of SHA-256.</param>
public sealed record TensorBits(string Path, ulong Bits);
