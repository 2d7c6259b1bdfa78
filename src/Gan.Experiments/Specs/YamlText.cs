using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gan.Experiments;

/// <summary>Writes a value of YAML on one line, so that it reads back as the same value.</summary>
internal static class YamlText
{
    /// <summary>A text, whatever is in it.</summary>
    public static string Quoted(string text) => JsonSerializer.Serialize(text);

    /// <summary>A plain scalar as it stands; anything else as JSON, which is YAML too.</summary>
    public static string Of(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: { } plain } ? plain : Json(node)!.ToJsonString();

    static JsonNode? Json(YamlNode node) =>
        node switch
        {
            YamlMappingNode level => new JsonObject(
                level.Children.Select(pair => KeyValuePair.Create(pair.Key.ToString(), Json(pair.Value)))
            ),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
            YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text } => Plain(text),
            var text => JsonValue.Create(text.ToString()),
        };

    // Numbers and truth values stay what they are.
    static JsonNode? Plain(string text)
    {
        if (text.Length == 0 || text is "null" or "~")
            return null;
        try
        {
            return JsonNode.Parse(text) is JsonValue value ? value : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
