namespace Gan.Experiments;

/// <summary>A name that specs may use, what it stands for, and how it is read.</summary>
/// <param name="Name">The name in a spec.</param>
/// <param name="Summary">One line: the formula, or what it is.</param>
/// <param name="Paper">Where it comes from; empty where nowhere in particular.</param>
/// <param name="Create">Reads its parameters and makes it.</param>
public sealed record CatalogEntry<T>(string Name, string Summary, string Paper, Func<SpecReader, T> Create);

/// <summary>All values of one kind that specs may name. The only place where a name becomes a value.</summary>
public sealed record Catalog<T>(string What, IReadOnlyList<CatalogEntry<T>> Entries) : ICatalog
{
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

/// <summary>A catalogue's entry for a list: its parameters are texts of the form <c>gamma=10</c>.</summary>
public sealed record CatalogLine(string Name, string Summary, string Paper, IReadOnlyList<string> Parameters);

/// <summary>A catalogue of any kind, for lists.</summary>
public interface ICatalog
{
    /// <summary>What the entries are, in the plural.</summary>
    string What { get; }

    /// <summary>The entries.</summary>
    IReadOnlyList<CatalogLine> Lines { get; }
}
