namespace Gan.Experiments;

/// <summary>A name that specs may use, what it stands for, and how it is read.</summary>
/// <param name="name">The name in a spec.</param>
/// <param name="summary">One line: the formula, or what it is.</param>
/// <param name="paper">Where it comes from; empty where nowhere in particular.</param>
/// <param name="create">Reads its parameters and makes it.</param>
public sealed class CatalogEntry<T>(string name, string summary, string paper, Func<SpecReader, T> create)
{
    /// <summary>An entry that comes from nowhere in particular.</summary>
    public CatalogEntry(string name, string summary, Func<SpecReader, T> create)
        : this(name, summary, "", create) { }

    /// <summary>The name in a spec.</summary>
    public string Name { get; } = name;

    /// <summary>One line: the formula, or what it is.</summary>
    public string Summary { get; } = summary;

    /// <summary>Where it comes from; empty where nowhere in particular.</summary>
    public string Paper { get; } = paper;

    /// <summary>Reads its parameters and makes it.</summary>
    public T Create(SpecReader spec) => create(spec);

    /// <summary>The same entry of another kind of value.</summary>
    internal CatalogEntry<TOther> Select<TOther>(Func<T, TOther> convert) =>
        new(Name, Summary, Paper, spec => convert(create(spec)));
}

/// <summary>All values of one kind that specs may name. The only place where a name becomes a value.</summary>
public sealed record Catalog<T>(string What, params IReadOnlyList<CatalogEntry<T>> Entries) : ICatalog
{
    /// <summary>The entries' names.</summary>
    internal IEnumerable<string> Names => Entries.Select(entry => entry.Name);

    /// <summary>With one more entry.</summary>
    /// <exception cref="UserException">An entry of the name is there.</exception>
    public Catalog<T> With(CatalogEntry<T> entry) =>
        Names.Contains(entry.Name)
            ? throw new UserException($"'{entry.Name}' is already among the {What}. Give the new one another name.")
            : this with
            {
                Entries = [.. Entries, entry],
            };

    /// <inheritdoc/>
    public IReadOnlyList<CatalogLine> Lines =>
        [
            .. Entries.Select(entry => new CatalogLine(
                entry.Name,
                entry.Summary,
                entry.Paper,
                SpecReader
                    .Describe(reader => entry.Create(reader))
                    .Select(pair => $"{pair.Key}={pair.Value?.ToJsonString() ?? "required"}")
                    .ToArray()
            )),
        ];
}

/// <summary>A catalog's entry for a list: its parameters are texts of the form <c>gamma=10</c>.</summary>
public sealed record CatalogLine(string Name, string Summary, string Paper, IReadOnlyList<string> Parameters);

/// <summary>A catalog of any kind, for lists.</summary>
public interface ICatalog
{
    /// <summary>What the entries are, in the plural.</summary>
    string What { get; }

    /// <summary>The entries.</summary>
    IReadOnlyList<CatalogLine> Lines { get; }
}
