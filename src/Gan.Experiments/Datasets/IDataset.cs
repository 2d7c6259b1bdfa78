namespace Gan.Experiments;

/// <summary>
/// Data to train on. A batch is a pure function of the position in the stream of points, so that a run resumes exactly
/// where it was.
/// </summary>
public interface IDataset
{
    /// <summary>What a point is made of.</summary>
    Space Space { get; }

    /// <summary>The number of points; null where points are made without end.</summary>
    long? Count { get; }

    /// <summary>A short text that changes when the data does.</summary>
    string Digest { get; }

    /// <summary>The points from a position of the stream on.</summary>
    /// <param name="key">The stream's key.</param>
    /// <param name="position">How many points were drawn before.</param>
    /// <param name="count">How many to draw.</param>
    /// <param name="dtype">The element type of the sample.</param>
    Batch Draw(RandomKey key, long position, int count, ScalarType dtype);
}

/// <summary>A data set that a spec names, before it is loaded: its space is known, its points are not yet read.</summary>
/// <param name="kind">The name in the catalog.</param>
/// <param name="space">What a point is made of.</param>
/// <param name="source">Where the points come from: a folder, or the generator's name.</param>
/// <param name="open">Reads or makes the points.</param>
public sealed class DatasetSource(string kind, Space space, string source, Func<IDataset> open)
{
    /// <summary>The name in the catalog.</summary>
    public string Kind { get; } = kind;

    /// <summary>What a point is made of.</summary>
    public Space Space { get; } = space;

    /// <summary>Where the points come from: a folder, or the generator's name.</summary>
    public string Source { get; } = source;

    /// <summary>The mixture that the points are drawn from, where they are; what mode coverage is measured against.</summary>
    public Mixture? Mixture { get; init; }

    /// <summary>The data sets that its parts come from, by the part's name; empty for data without parts.</summary>
    public IReadOnlyDictionary<string, DatasetSource> Parts { get; init; } = new Dictionary<string, DatasetSource>();

    /// <summary>What points are conditioned on, such as their class; null for nothing.</summary>
    public Space? Condition { get; init; }

    /// <summary>The data set that the real points of a view come from.</summary>
    internal DatasetSource Of(BatchView view) => view.Real is null ? this : Parts.GetValueOrDefault(view.Real, this);

    /// <summary>Reads or makes the points.</summary>
    /// <exception cref="UserException">A file is missing or broken.</exception>
    public IDataset Open() => open();
}
