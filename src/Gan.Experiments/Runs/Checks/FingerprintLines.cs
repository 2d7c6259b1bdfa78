using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gan.Experiments;

/// <summary>Fingerprints as JSON, and back.</summary>
internal static class FingerprintLines
{
    /// <summary>A fingerprint as an object of its step, state and tensors.</summary>
    public static JsonObject ToJson(Fingerprint bits) =>
        new()
        {
            ["step"] = bits.Step,
            ["state"] = Hex(bits.State),
            ["tensors"] = new JsonObject(
                bits.Tensors.Select(tensor => KeyValuePair.Create(tensor.Path, (JsonNode?)Hex(tensor.Bits)))
            ),
        };

    /// <summary>The fingerprint of an object.</summary>
    public static Fingerprint FromJson(JsonObject line) =>
        new(
            line["step"]!.GetValue<long>(),
            FromHex(line["state"]!),
            [.. line["tensors"]!.AsObject().Select(pair => new TensorBits(pair.Key, FromHex(pair.Value!)))]
        );

    /// <summary>The fingerprint of a line, or null where it is none.</summary>
    public static Fingerprint? TryParse(string line)
    {
        try
        {
            return FromJson(JsonNode.Parse(line)!.AsObject());
        }
        catch (Exception failure) when (IsMalformed(failure))
        {
            return null;
        }
    }

    /// <summary>Whether a failure says that a text is not the JSON that was expected.</summary>
    public static bool IsMalformed(Exception failure) =>
        failure
            is JsonException
                or FormatException
                or InvalidOperationException
                or ArgumentException
                or NullReferenceException
                or IndexOutOfRangeException
                or OverflowException;

    /// <summary>64 bits in hexadecimal.</summary>
    public static string Hex(ulong bits) => bits.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>A number; JSON has no infinities, and text stands for them.</summary>
    public static JsonNode Number(double value) =>
        double.IsFinite(value)
            ? JsonValue.Create(value)
            : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number that <see cref="Number"/> wrote.</summary>
    public static double FromNumber(JsonNode node) =>
        node.AsValue().TryGetValue<double>(out var value)
            ? value
            : double.Parse(node.GetValue<string>(), CultureInfo.InvariantCulture);

    static ulong FromHex(JsonNode node) =>
        ulong.Parse(node.GetValue<string>(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
