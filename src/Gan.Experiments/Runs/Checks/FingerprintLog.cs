namespace Gan.Experiments;

/// <summary>
/// A run's fingerprints, a file of a line of JSON for each: the step, the state's bits, each tensor's, and the numbers
/// measured. After a resume the steps that it has already are compared, not written again.
/// </summary>
internal sealed class FingerprintLog
{
    readonly string file;
    readonly Dictionary<long, Fingerprint> known = [];

    /// <summary>The log in a file, which need not be there yet.</summary>
    /// <param name="file">The file. A line that a kill has torn, or that is no fingerprint, is left out.</param>
    /// <param name="compareAfter">Steps after this one are compared when they are made again.</param>
    /// <param name="keepUpTo">Of what the file has, only the steps up to this one are kept.</param>
    public FingerprintLog(string file, long compareAfter, long keepUpTo)
    {
        this.file = file;
        if (!File.Exists(file))
            return;
        AtomicFile.Write(
            file,
            stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true);
                foreach (var line in File.ReadLines(file))
                {
                    if (FingerprintLines.TryParse(line) is not { } bits || bits.Step > keepUpTo)
                        continue;
                    writer.Write(line + "\n");
                    if (bits.Step > compareAfter)
                        known[bits.Step] = bits;
                }
            }
        );
    }

    /// <summary>Adds a step's fingerprint.</summary>
    /// <exception cref="DeterminismException">The log has the step already, with other bits.</exception>
    public void Add(Fingerprint bits, IReadOnlyDictionary<string, double> values)
    {
        if (!known.TryGetValue(bits.Step, out var before))
        {
            var line = FingerprintLines.ToJson(bits);
            line["values"] = JsonSerializer.SerializeToNode(values, FingerprintLines.Options);
            File.AppendAllText(file, line.ToJsonString() + "\n");
            return;
        }
        if (before.State == bits.State)
            return;
        var first = bits.Differences(before).FirstOrDefault();
        throw new DeterminismException(
            bits.Step,
            first is null ? "the state's bits" : $"the state's bits, first in {first},",
            FingerprintLines.Hex(before.State),
            FingerprintLines.Hex(bits.State)
        );
    }
}
