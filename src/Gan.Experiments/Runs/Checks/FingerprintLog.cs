using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gan.Experiments;

/// <summary>
/// A run's fingerprints, a file of a line of JSON for each: the step, the state's bits, each tensor's, and the numbers
/// measured. After a resume the steps that it has already are compared, not written again.
/// </summary>
internal sealed class FingerprintLog
{
    readonly string file;
    readonly Dictionary<long, Fingerprint> known = [];

    /// <summary>The log in a file, which need not be there yet; of what it has, only the steps up to one are kept.</summary>
    public FingerprintLog(string file, long keepUpTo)
    {
        this.file = file;
        if (!File.Exists(file))
            return;
        // A line that a kill has torn is written anew.
        var whole = File.ReadAllLines(file)
            .Select(TryParse)
            .OfType<(string Line, Fingerprint Bits)>()
            .Where(entry => entry.Bits.Step <= keepUpTo)
            .ToArray();
        foreach (var (_, bits) in whole)
            known[bits.Step] = bits;
        AtomicFile.WriteText(file, string.Concat(whole.Select(entry => entry.Line + "\n")));
    }

    /// <summary>Adds a step's fingerprint.</summary>
    /// <exception cref="DeterminismException">The log has the step already, with other bits.</exception>
    public void Add(Fingerprint bits, IReadOnlyDictionary<string, double> values)
    {
        if (!known.TryGetValue(bits.Step, out var before))
            File.AppendAllText(file, Line(bits, values) + "\n");
        else if (before.State != bits.State)
            throw new DeterminismException(
                bits.Step,
                $"the state, first in {bits.Differences(before).FirstOrDefault()}",
                $"{before.State:x16}",
                $"{bits.State:x16}"
            );
    }

    /// <summary>A fingerprint as a line of JSON.</summary>
    public static string Line(Fingerprint bits, IReadOnlyDictionary<string, double> values)
    {
        var tensors = new JsonObject(
            bits.Tensors.Select(tensor => KeyValuePair.Create(tensor.Path, (JsonNode?)Baseline.Hex(tensor.Bits)))
        );
        var numbers = new JsonObject(
            values.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Baseline.Number(pair.Value)))
        );
        return new JsonObject
        {
            ["step"] = bits.Step,
            ["state"] = Baseline.Hex(bits.State),
            ["values"] = numbers,
            ["tensors"] = tensors,
        }.ToJsonString();
    }

    static (string, Fingerprint)? TryParse(string line)
    {
        try
        {
            var node = JsonNode.Parse(line)!.AsObject();
            return (
                line,
                new Fingerprint(
                    node["step"]!.GetValue<long>(),
                    Baseline.FromHex(node["state"]!),
                    [
                        .. node["tensors"]!
                            .AsObject()
                            .Select(pair => new TensorBits(pair.Key, Baseline.FromHex(pair.Value!))),
                    ]
                )
            );
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }
}
