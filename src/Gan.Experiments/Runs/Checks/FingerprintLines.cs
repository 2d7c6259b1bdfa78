using System.Text.Json.Serialization;

namespace Gan.Experiments;

/// <summary>Fingerprints as JSON, and back.</summary>
internal static class FingerprintLines
{
    /// <summary>How numbers are written: JSON has no infinities, and text stands for them.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

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

    static ulong FromHex(JsonNode node) =>
        ulong.Parse(node.GetValue<string>(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
