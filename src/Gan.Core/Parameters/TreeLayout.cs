namespace Gan.Core;

/// <summary>The paths of a tree without its tensors: worked out once and shared by every tree of the same form.</summary>
internal sealed class TreeLayout
{
    readonly Dictionary<string, int> indices = [];
    readonly Dictionary<string, Slice> children = [];

    public TreeLayout(string[] paths)
    {
        Paths = paths;
        for (var i = 0; i < paths.Length; i++)
            if (!indices.TryAdd(paths[i], i))
                throw new ArgumentException($"The path '{paths[i]}' stands twice in a tree.");
        for (var start = 0; start < paths.Length; )
        {
            var slash = paths[start].IndexOf('/');
            var end = start + 1;
            if (slash >= 0)
            {
                var prefix = paths[start][..(slash + 1)];
                while (end < paths.Length && paths[end].StartsWith(prefix, StringComparison.Ordinal))
                    end++;
                var below = paths[start..end].Select(path => path[prefix.Length..]).ToArray();
                if (!children.TryAdd(prefix[..^1], new Slice(new TreeLayout(below), start)))
                    throw new ArgumentException($"The tensors below '{prefix}' do not stand together in a tree.");
            }
            start = end;
        }
        foreach (var name in children.Keys)
            if (indices.ContainsKey(name))
                throw new ArgumentException($"The path '{name}' is both a tensor and a level of a tree.");
    }

    public sealed record Slice(TreeLayout Layout, int Start);

    public string[] Paths { get; }

    public bool Contains(string path) => indices.ContainsKey(path);

    public Slice? Child(string name) => children.GetValueOrDefault(name);

    public int IndexOf(string path) =>
        indices.TryGetValue(path, out var index)
            ? index
            : throw new KeyNotFoundException(
                $"There is no tensor '{path}' here; there is: {(Paths.Length == 0 ? "none" : string.Join(", ", Paths))}."
            );
}
