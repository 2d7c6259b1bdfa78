using System.Collections.Immutable;

namespace Gan.Experiments;

/// <summary>A number's mean over runs of several seeds, and its deviation.</summary>
public sealed record Band(double Mean, double Deviation);

/// <summary>A step of a baseline: the bits of its state, and the bands of its numbers.</summary>
public sealed record BaselineStep(Fingerprint Bits, IReadOnlyDictionary<string, Band> Bands);

/// <summary>
/// What the dynamics of an experiment were: the bits of every state of one run, and the bands of every number over runs of
/// several seeds. A file of lines of JSON, to be kept with the code that it checks.
/// </summary>
/// <param name="Spec">The spec, in its canonical form.</param>
/// <param name="Machine">What made it: bits are those of an engine and a processor.</param>
/// <param name="Seeds">How many seeds the bands are over.</param>
/// <param name="Steps">The steps, from the first.</param>
public sealed record Baseline(JsonObject Spec, string Machine, int Seeds, ImmutableArray<BaselineStep> Steps)
{
    const string Format = "gan-baseline-2";
    const string FormatBeforeTorchSharp = "gan-baseline-1";

    /// <summary>Writes it to a file.</summary>
    public void Save(string file) => OutputFile.WriteText(file, string.Concat(Lines().Select(line => line + "\n")));

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserException">There is none, or it is no baseline.</exception>
    public static Baseline Load(string file)
    {
        if (!File.Exists(file))
            throw new UserException(
                Directory.Exists(file)
                    ? $"'{file}' is a folder; a baseline is a file."
                    : $"There is no baseline '{file}'; record one with: gan check SPEC --baseline {file} --record"
            );
        try
        {
            string[] lines = [.. File.ReadAllLines(file).Where(line => line.Trim().Length > 0)];
            var header = JsonNode.Parse(lines[0])!.AsObject();
            var format = header["format"]?.GetValue<string>();
            if (format == FormatBeforeTorchSharp)
                throw new UserException(
                    $"The baseline '{file}' is of Gan's former engine ({MachineFacts.FormerEngine}), whose kernels gave other bits than {MachineFacts.Engine} gives. Record it anew: gan check SPEC --baseline {file} --record"
                );
            if (format != Format)
                throw new FormatException($"its format is not {Format}");
            ImmutableArray<BaselineStep> steps = [.. lines.Skip(1).Select(ParseStep)];
            if (steps.Length != header["steps"]!.GetValue<int>() || steps.Length == 0)
                throw new FormatException($"it has {steps.Length} of {header["steps"]} steps");
            if (steps.Where((step, i) => step.Bits.Step != i + 1).Any())
                throw new FormatException("its steps are not in order");
            return new Baseline(
                header["spec"]!.AsObject(),
                header["machine"]!.GetValue<string>(),
                header["seeds"]!.GetValue<int>(),
                steps
            );
        }
        catch (Exception failure) when (FingerprintLines.IsMalformed(failure))
        {
            throw new UserException($"'{file}' is no baseline: {failure.Message}");
        }
    }

    IEnumerable<string> Lines()
    {
        yield return new JsonObject
        {
            ["format"] = Format,
            ["machine"] = Machine,
            ["seeds"] = Seeds,
            ["steps"] = Steps.Length,
            ["spec"] = Spec.DeepClone(),
        }.ToJsonString();
        foreach (var step in Steps)
        {
            var line = FingerprintLines.ToJson(step.Bits);
            line["bands"] = JsonSerializer.SerializeToNode(
                step.Bands.ToDictionary(pair => pair.Key, pair => new[] { pair.Value.Mean, pair.Value.Deviation }),
                FingerprintLines.Options
            );
            yield return line.ToJsonString();
        }
    }

    static BaselineStep ParseStep(string line)
    {
        var node = JsonNode.Parse(line)!.AsObject();
        var bands = node["bands"]
            .Deserialize<Dictionary<string, double[]>>(FingerprintLines.Options)!
            .ToDictionary(pair => pair.Key, pair => new Band(pair.Value[0], pair.Value[1]));
        return bands.Count > 0
            ? new BaselineStep(FingerprintLines.FromJson(node), bands)
            : throw new FormatException("a step has no bands");
    }
}
