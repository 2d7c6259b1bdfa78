namespace Gan.Experiments;

/// <summary>The detectors that extensions add. Those of the library look at every run as it is.</summary>
public static class DetectorCatalog
{
    /// <summary>None: the library's own are made for the players of a game.</summary>
    public static Catalog<IDetector> Detectors { get; } = new("detectors");
}
