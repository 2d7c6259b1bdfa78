using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Gan.Experiments;

/// <summary>A YAML file as a tree, before anything in it has a meaning: read with care, and with values set from the command line.</summary>
public sealed class SpecDocument
{
    const int SizeLimit = 1 << 20;
    const int DepthLimit = 32;

    SpecDocument(string file, YamlMappingNode root)
    {
        File = file;
        Root = root;
    }

    /// <summary>The file's name, for errors.</summary>
    public string File { get; }

    internal YamlMappingNode Root { get; }

    /// <summary>The assignment that set each path, for errors.</summary>
    internal Dictionary<string, string> Assignments { get; } = [];

    /// <summary>Reads a file.</summary>
    /// <exception cref="SpecException">It is missing, or is not YAML that a spec may be.</exception>
    public static SpecDocument Load(string file)
    {
        if (Directory.Exists(file))
            throw new UserException($"'{file}' is a folder; a spec is a YAML file.");
        if (!System.IO.File.Exists(file))
            throw new UserException($"There is no spec '{file}'.");
        if (new FileInfo(file).Length > SizeLimit)
            throw new SpecException(file, 0, $"a spec has at most {SizeLimit} bytes; this is no spec.");
        return Parse(file, System.IO.File.ReadAllText(file));
    }

    /// <summary>Reads a text; the file's name is for errors.</summary>
    public static SpecDocument Parse(string file, string text)
    {
        try
        {
            RequirePlain(file, text);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root)
                throw new SpecException(file, 1, "a spec is one YAML mapping, of keys and values.");
            return new SpecDocument(file, root);
        }
        catch (YamlException failure)
        {
            throw new SpecException(file, failure.Start.Line, $"this is not YAML: {failure.Message}");
        }
        catch (InvalidOperationException)
        {
            // What the parser throws on some texts that end where they may not.
            throw new SpecException(file, 0, "this is not YAML: it ends inside a value.");
        }
    }

    /// <summary>Sets values by assignments of the form <c>data.kind=mnist</c>; the value is YAML, and levels are made as needed.</summary>
    /// <exception cref="SpecException">An assignment has no '=', or goes through a value that has no levels.</exception>
    public SpecDocument WithAssignments(IEnumerable<string> assignments)
    {
        foreach (var assignment in assignments)
            Assign(assignment);
        return this;
    }

    void Assign(string assignment)
    {
        var equals = assignment.IndexOf('=');
        if (equals <= 0)
            throw new SpecException($"--set {assignment}", 0, "an assignment is key=value, as in steps=100.");
        Assignments[assignment[..equals]] = assignment;
        var keys = assignment[..equals].Split('.');
        var node = Root;
        foreach (var key in keys[..^1])
        {
            if (!node.Children.TryGetValue(key, out var child) || child is YamlScalarNode { Value: null or "" })
                node.Children[key] = child = new YamlMappingNode();
            else if (child is YamlScalarNode kind)
                // A bare name is short for {kind: name}.
                node.Children[key] = child = new YamlMappingNode("kind", kind.Value!);
            node =
                child as YamlMappingNode
                ?? throw new SpecException($"--set {assignment}", 0, $"'{key}' is a list, which has no named values.");
        }
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader($"value: {assignment[(equals + 1)..]}"));
            node.Children[keys[^1]] = ((YamlMappingNode)stream.Documents[0].RootNode).Children["value"];
        }
        catch (Exception failure) when (failure is YamlException or InvalidOperationException)
        {
            throw new SpecException($"--set {assignment}", 0, $"the value is not YAML: {failure.Message}");
        }
    }

    // Anchors and deep nesting have no use in a spec and are how small files become large ones.
    static void RequirePlain(string file, string text)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            var wrong =
                parser.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false }
                    ? "a spec has no anchors and aliases; write the value out."
                : depth > DepthLimit ? $"a spec is at most {DepthLimit} levels deep."
                : null;
            if (wrong is not null)
                throw new SpecException(file, parser.Current.Start.Line, wrong);
        }
    }
}
