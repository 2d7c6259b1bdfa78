namespace Gan.Experiments;

/// <summary>Who is told of a run, and where it pauses.</summary>
public abstract record RunTerms
{
    /// <summary>Where it is written down as well, beside the spec's store and server.</summary>
    public IReadOnlyList<ITrackingTarget> Targets { get; init; } = [];

    /// <summary>The step at which it pauses, to be resumed or not.</summary>
    public long Until { get; init; } = long.MaxValue;
}

/// <summary>How a run goes on.</summary>
public sealed record RunContinuation : RunTerms
{
    /// <summary>
    /// A process that writes the run is told to leave it: what a cluster starts again has lost its first copy.
    /// </summary>
    public bool FromLiving { get; init; }
}

/// <summary>How a run begins.</summary>
public sealed record RunStart : RunTerms
{
    /// <summary>A new run with nothing special about it.</summary>
    public static RunStart New => new();

    /// <summary>Its id: 32 hexadecimal digits, drawn where nothing else is said.</summary>
    public string RunId { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>A checkpoint whose weights are the first ones; null for fresh weights.</summary>
    public string? Pretrained { get; init; }

    /// <summary>Tags of the run, beside its own.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The same from a checkpoint's weights.</summary>
    public RunStart WithPretrained(string? checkpoint) => this with { Pretrained = checkpoint };
}
