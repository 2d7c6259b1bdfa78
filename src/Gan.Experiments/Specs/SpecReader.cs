using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Gan.Experiments;

/// <summary>
/// Reads one level of a spec, strictly: each value by key and type, with a default or without. What was read, defaults
/// included, is the level's canonical form; <see cref="Close"/> refuses the keys that nobody asked for.
/// </summary>
public sealed class SpecReader
{
    const int WidthLimit = 1_000_000;

    readonly YamlMappingNode node;
    readonly SpecDocument? document;
    readonly string path;
    readonly HashSet<string> known = [];

    // Without a document it describes: it notes keys and defaults, and reads nothing.
    SpecReader(YamlMappingNode node, SpecDocument? document, Catalogs catalogs, string path)
    {
        Catalogs = catalogs;
        this.node = node;
        this.document = document;
        this.path = path;
    }

    bool Describing => document is null;

    /// <summary>What the spec may name.</summary>
    public Catalogs Catalogs { get; }

    /// <summary>The values read so far, defaults included.</summary>
    public JsonObject Canonical { get; } = [];

    /// <summary>A reader of a whole document.</summary>
    public static SpecReader Of(SpecDocument document) => Of(document, Catalogs.BuiltIn);

    /// <summary>The same, with other catalogs than the library's.</summary>
    public static SpecReader Of(SpecDocument document, Catalogs catalogs) => new(document.Root, document, catalogs, "");

    /// <summary>The keys and defaults that a function asks a reader for; a key without a default gets null.</summary>
    public static JsonObject Describe(Action<SpecReader> read)
    {
        var reader = new SpecReader([], null, Catalogs.BuiltIn, "");
        read(reader);
        return reader.Canonical;
    }

    /// <summary>The value of an entry by its defaults.</summary>
    internal static T Make<T>(CatalogEntry<T> entry, Catalogs catalogs) =>
        entry.Create(Of(SpecDocument.Parse(entry.Name, $"kind: {entry.Name}"), catalogs));

    /// <summary>True when the spec itself has the key.</summary>
    public bool Has(string key) => Ask(key) is not null;

    /// <summary>The keys of this level, as the spec has them.</summary>
    public IReadOnlyList<string> Keys =>
        [.. node.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value ?? "")];

    /// <summary>
    /// The items of a list, or a single value as one, each as YAML that an assignment can set; null where the spec has none.
    /// </summary>
    public IReadOnlyList<string>? Items(string key)
    {
        if (Ask(key) is not { } found)
            return null;
        IReadOnlyList<string> items = found is YamlSequenceNode list
            ? [.. list.Children.Select(YamlText.Of)]
            : [YamlText.Of(found)];
        Canonical[key] = new JsonArray([.. items.Select(item => JsonValue.Create(item))]);
        return items;
    }

    /// <summary>Any value, as YAML that an assignment can set; null where the spec has none.</summary>
    public string? Yaml(string key)
    {
        if (Ask(key) is not { } found)
            return null;
        var text = YamlText.Of(found);
        Canonical[key] = text;
        return text;
    }

    /// <summary>A text.</summary>
    public string Text(string key, string? fallback = null) => Value(key, fallback, "a text", text => text, "");

    /// <summary>A real number.</summary>
    public double Number(string key, double? fallback = null) => Value(key, fallback, "a number", ParseNumber, 1);

    /// <summary>A real number, or null where the spec has none.</summary>
    public double? NumberOrNull(string key) => Has(key) ? Number(key) : null;

    /// <summary>A whole number.</summary>
    public long Long(string key, long? fallback = null) => Value(key, fallback, "a whole number", ParseLong, 1);

    /// <summary>The largest number of anything that a spec may ask for: what is beyond it is a slip of the pen.</summary>
    public const int Most = 1_000_000_000;

    /// <summary>A whole number from a least to a most.</summary>
    public int Integer(string key, int? fallback = null, int least = 1, int most = Most)
    {
        var value = Long(key, fallback);
        return value >= least && value <= most
            ? (int)value
            : throw Wrong(key, $"must be a whole number from {least} to {most}; got {value}.");
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool? fallback = null) => Value(key, fallback, "true or false", bool.Parse, false);

    /// <summary>One of an enumeration's names, in lower case.</summary>
    public T Name<T>(string key, T fallback)
        where T : struct, Enum => Enum.Parse<T>(Name(key, fallback.ToString(), Enum.GetNames<T>()), ignoreCase: true);

    /// <summary>One of some names, in lower case.</summary>
    public string Name(string key, string fallback, IEnumerable<string> valid)
    {
        var text = Text(key, fallback.ToLowerInvariant());
        string[] names = [.. valid.Select(name => name.ToLowerInvariant())];
        return names.Contains(text) ? text : throw NoSuch(key, text, names);
    }

    /// <summary>A list of whole numbers above zero.</summary>
    public IReadOnlyList<int> Integers(string key, IReadOnlyList<int> fallback)
    {
        var values = Ask(key) switch
        {
            null => fallback,
            YamlSequenceNode list => [.. list.Children.Select(child => Whole(key, child))],
            _ => throw Wrong(key, "must be a list of whole numbers, as in [128, 128]."),
        };
        Canonical[key] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        return values;
    }

    /// <summary>A list of texts, or one text alone; none where the spec has none.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        IEnumerable<YamlNode> items = Ask(key) switch
        {
            null or YamlScalarNode { Value: null or "" } => [],
            YamlSequenceNode list => list,
            var one => [one],
        };
        string[] texts =
        [
            .. items.Select(item =>
                item is YamlScalarNode { Value: { Length: > 0 } text }
                    ? text
                    : throw Wrong(key, "must be a list of texts.")
            ),
        ];
        Canonical[key] = new JsonArray([.. texts.Select(text => JsonValue.Create(text))]);
        return texts;
    }

    /// <summary>A list of levels, or one level alone; none where the spec has none.</summary>
    public IReadOnlyList<T> Sections<T>(string key, Func<SpecReader, T> read)
    {
        IEnumerable<YamlNode> levels = Ask(key) switch
        {
            null or YamlScalarNode { Value: null or "" } => [],
            YamlSequenceNode list => list,
            YamlMappingNode one => [one],
            _ => throw Wrong(key, "must be a level of keys and values, or a list of them."),
        };
        var canonical = new JsonArray();
        var values = new List<T>();
        foreach (var level in levels)
        {
            values.Add(
                Read(
                    key,
                    level as YamlMappingNode ?? throw Wrong(key, "must be a list of levels of keys and values."),
                    read
                )
            );
            canonical.Add(Canonical[key]!.DeepClone());
        }
        Canonical[key] = canonical;
        return values;
    }

    /// <summary>A level below; an empty one where the spec has none.</summary>
    public T Section<T>(string key, Func<SpecReader, T> read)
    {
        var section = Ask(key) switch
        {
            null or YamlScalarNode { Value: null or "" } => new YamlMappingNode(),
            YamlMappingNode mapping => mapping,
            _ => throw Wrong(key, "must be a level of keys and values."),
        };
        return Read(key, section, read);
    }

    /// <summary>One of a catalog's values: a bare name, or a level with its name as <c>kind</c>.</summary>
    public T Choice<T>(string key, Catalog<T> catalog, string? fallback = null)
    {
        var found = Ask(key);
        if (Describing)
        {
            Canonical[key] = fallback;
            return catalog.Entries[0].Create(new SpecReader([], null, Catalogs, ""));
        }
        if (found is null && fallback is null)
            throw Missing(key, $"one of the {catalog.What}");
        return Chosen(key, found ?? new YamlScalarNode(fallback), catalog);
    }

    /// <summary>A list of a catalog's values; none where the spec has none.</summary>
    public IReadOnlyList<T> Choices<T>(string key, Catalog<T> catalog)
    {
        var list = Ask(key) switch
        {
            null or YamlScalarNode { Value: null or "" } => [],
            YamlSequenceNode sequence => sequence,
            _ => throw Wrong(key, $"must be a list of {catalog.What}, as in [{catalog.Entries[0].Name}]."),
        };
        var canonical = new JsonArray();
        var values = new List<T>();
        foreach (var child in list)
        {
            values.Add(Chosen(key, child, catalog));
            canonical.Add(Canonical[key]!.DeepClone());
        }
        Canonical[key] = canonical;
        return values;
    }

    /// <summary>True when the key's value is a plain number, not a level.</summary>
    public bool IsNumber(string key) =>
        Describing
        || Find(key) is YamlScalarNode { Value: { } text }
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <summary>True when the key's value is a list.</summary>
    public bool IsList(string key) => Find(key) is YamlSequenceNode;

    /// <summary>Refuses every key that was not asked for.</summary>
    public void Close()
    {
        foreach (var key in node.Children.Keys)
            if (key is not YamlScalarNode { Value: { } name } || !known.Contains(name))
                throw At(
                    key.ToString(),
                    key,
                    $"there is no key '{Under(key.ToString())}'; {NearestName.Hint(key.ToString(), known)}"
                );
    }

    /// <summary>An error about a key's value, with file and line.</summary>
    public SpecException Wrong(string key, string message, RefusalReason? reason = null) =>
        At(key, Find(key) ?? node, $"{Under(key)}: {message}", reason);

    /// <summary>Makes a part of a game. What does not fit is an error at the key of the part that should be changed.</summary>
    /// <param name="key">The key of the part, where a failure names no other.</param>
    /// <param name="make">Makes it.</param>
    public T Part<T>(string key, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (RefusedException refused)
        {
            throw Wrong(KeyOf(refused.Part), refused.Message, refused.Reason);
        }
        catch (ArgumentException failure)
        {
            throw Wrong(key, failure.Message.Split(" (Parameter")[0]);
        }
    }

    static string KeyOf(GamePart part) =>
        part switch
        {
            GamePart.Data => "data",
            GamePart.Generator => "generator",
            GamePart.Encoder => "encoder",
            GamePart.Discriminator => "discriminator",
            GamePart.Loss => "loss",
            GamePart.Penalties => "penalties",
            GamePart.GeneratorPenalties => "generator_penalties",
            GamePart.Augmentations => "augmentations",
            GamePart.Rule => "rule",
            _ => throw new ArgumentOutOfRangeException(nameof(part), part, "An unknown part."),
        };

    /// <summary>An error about a key whose value is none of its names.</summary>
    internal SpecException NoSuch(string key, string text, IReadOnlyCollection<string> valid) =>
        Wrong(key, $"there is no '{text}'; {NearestName.Hint(text, valid)}");

    // A value that the command line set has no line in the file.
    SpecException At(string key, YamlNode found, string message, RefusalReason? reason = null)
    {
        for (var at = Under(key); at.Length > 0; at = at[..Math.Max(0, at.LastIndexOf('.'))])
            if (document?.Assignments.TryGetValue(at, out var assignment) == true)
                return new SpecException($"--set {assignment}", 0, message) { Reason = reason };
        return new SpecException(document?.File ?? "", found.Start.Line, message) { Reason = reason };
    }

    T Chosen<T>(string key, YamlNode found, Catalog<T> catalog)
    {
        var section = found switch
        {
            YamlScalarNode { Value: { } name } => new YamlMappingNode("kind", name),
            YamlMappingNode mapping => mapping,
            _ => throw Wrong(key, $"must be one of the {catalog.What}: a name, or a level with a kind."),
        };
        return Read(
            key,
            section,
            reader =>
            {
                var kind = reader.Text("kind");
                var entry =
                    catalog.Entries.FirstOrDefault(entry => entry.Name == kind)
                    ?? throw reader.Wrong(
                        "kind",
                        $"there is no '{kind}' among the {catalog.What}; {NearestName.Hint(kind, [.. catalog.Names])}"
                    );
                return entry.Create(reader);
            }
        );
    }

    T Read<T>(string key, YamlMappingNode section, Func<SpecReader, T> read)
    {
        var reader = new SpecReader(section, document, Catalogs, Under(key));
        try
        {
            var value = read(reader);
            reader.Close();
            Canonical[key] = reader.Canonical;
            return value;
        }
        catch (ArgumentException failure)
        {
            throw Wrong(key, failure.Message.Split(" (Parameter")[0]);
        }
    }

    T Value<T>(string key, object? fallback, string expected, Func<string, T> parse, T described)
    {
        var found = Ask(key);
        if (Describing && fallback is null)
        {
            Canonical[key] = null;
            return described;
        }
        try
        {
            var value = found switch
            {
                null => (T)(fallback ?? throw Missing(key, expected)),
                YamlScalarNode { Value: { } text } => parse(text),
                _ => throw Wrong(key, $"must be {expected}; got a {(found is YamlSequenceNode ? "list" : "level")}."),
            };
            Canonical[key] = JsonValue.Create(value);
            return value;
        }
        catch (FormatException)
        {
            throw Wrong(key, $"must be {expected}; got '{found}'.");
        }
    }

    int Whole(string key, YamlNode child) =>
        child is YamlScalarNode { Value: { } text }
        && int.TryParse(text, CultureInfo.InvariantCulture, out var value)
        && value is > 0 and <= WidthLimit
            ? value
            : throw Wrong(key, $"must be a list of whole numbers from 1 to {WidthLimit}; got '{child}' in it.");

    static double ParseNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new FormatException();

    static long ParseLong(string text) =>
        long.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value
        : ParseNumber(text) is var real && real == Math.Floor(real) && Math.Abs(real) < 1e15 ? (long)real
        : throw new FormatException();

    // The value of a key, which is known from now on.
    YamlNode? Ask(string key)
    {
        known.Add(key);
        return Find(key);
    }

    YamlNode? Find(string key) => node.Children.TryGetValue(key, out var found) ? found : null;

    SpecException Missing(string key, string expected)
    {
        var old = RenamedKeys.OldNamesOf(key).FirstOrDefault(name => Find(name) is not null);
        return old is null
            ? At(key, node, $"{Under(key)} is missing: it must be {expected}.")
            : At(old, Find(old)!, $"'{Under(old)}' is now called '{key}'.");
    }

    string Under(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
