using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

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
/// <param name="Machine">What made it: bits are those of an engine, a processor and a number of threads.</param>
/// <param name="Steps">The steps, from the first.</param>
public sealed record Baseline(JsonObject Spec, string Machine, ImmutableArray<BaselineStep> Steps)
{
    const string Format = "gan-baseline-1";

    /// <summary>Writes it to a file.</summary>
    public void Save(string file) => AtomicFile.WriteText(file, string.Concat(Lines().Select(line => line + "\n")));

    /// <summary>Reads a file.</summary>
    /// <exception cref="UserException">There is none, or it is no baseline.</exception>
    public static Baseline Load(string file)
    {
        if (!File.Exists(file))
            throw new UserException(
                $"There is no baseline '{file}'; record one with: gan check SPEC --baseline {file} --record"
            );
        try
        {
            var lines = File.ReadAllLines(file);
            var header = JsonNode.Parse(lines[0])!.AsObject();
            if (header["format"]?.GetValue<string>() != Format)
                throw new FormatException($"its format is not {Format}");
            return new Baseline(
                header["spec"]!.AsObject(),
                header["machine"]!.GetValue<string>(),
                [.. lines.Skip(1).Select(ParseStep)]
            );
        }
        catch (Exception failure)
            when (failure
                    is JsonException
                        or FormatException
                        or InvalidOperationException
                        or NullReferenceException
                        or IndexOutOfRangeException
                        or OverflowException
            )
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
            ["spec"] = Spec.DeepClone(),
        }.ToJsonString();
        foreach (var step in Steps)
            yield return new JsonObject
            {
                ["step"] = step.Bits.Step,
                ["state"] = Hex(step.Bits.State),
                ["tensors"] = new JsonObject(
                    step.Bits.Tensors.Select(bits => KeyValuePair.Create(bits.Path, (JsonNode?)Hex(bits.Bits)))
                ),
                ["bands"] = new JsonObject(
                    step.Bands.Select(pair =>
                        KeyValuePair.Create(
                            pair.Key,
                            (JsonNode?)new JsonArray(Number(pair.Value.Mean), Number(pair.Value.Deviation))
                        )
                    )
                ),
            }.ToJsonString();
    }

    static BaselineStep ParseStep(string line)
    {
        var node = JsonNode.Parse(line)!.AsObject();
        return new BaselineStep(
            new Fingerprint(
                node["step"]!.GetValue<long>(),
                FromHex(node["state"]!),
                [.. node["tensors"]!.AsObject().Select(pair => new TensorBits(pair.Key, FromHex(pair.Value!)))]
            ),
            node["bands"]!
                .AsObject()
                .ToDictionary(
                    pair => pair.Key,
                    pair => new Band(FromNumber(pair.Value![0]!), FromNumber(pair.Value[1]!))
                )
        );
    }

    internal static string Hex(ulong bits) => bits.ToString("x16", CultureInfo.InvariantCulture);

    internal static ulong FromHex(JsonNode node) => Convert.ToUInt64(node.GetValue<string>(), 16);

    // JSON has no infinities; text stands for them.
    internal static JsonNode Number(double value) =>
        double.IsFinite(value)
            ? JsonValue.Create(value)
            : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    static double FromNumber(JsonNode node) =>
        node.AsValue().TryGetValue<double>(out var value)
            ? value
            : double.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture);
}
