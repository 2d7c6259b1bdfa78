namespace Gan.Experiments;

/// <summary>The data sets that specs may name.</summary>
public static class DatasetCatalog
{
    /// <summary>Data sets: made by code, or read from a folder.</summary>
    public static Catalog<DatasetSource> Datasets { get; } =
        new(
            "datasets",
            [
                new(
                    "ring",
                    "Gaussians at equal angles on a circle",
                    "PacGAN's protocol: 8 modes, radius 1, deviation 0.01",
                    spec =>
                        OfMixture(
                            "ring",
                            Mixture.Ring(
                                spec.Integer("modes", 8),
                                spec.Number("radius", 1),
                                spec.Number("deviation", 0.01)
                            )
                        )
                ),
                new(
                    "grid",
                    "Gaussians on a square grid",
                    "PacGAN's protocol: 5 x 5 modes, spacing 2, deviation 0.05",
                    spec =>
                        OfMixture(
                            "grid",
                            Mixture.Grid(
                                spec.Integer("side", 5),
                                spec.Number("spacing", 2),
                                spec.Number("deviation", 0.05)
                            )
                        )
                ),
            ]
        );

    static DatasetSource OfMixture(string kind, Mixture mixture)
    {
        var space = new Space.Vector(mixture.Dimensions, ValueRange.Unbounded);
        return new DatasetSource(kind, space, kind, () => new GeneratedDataset(space, kind, mixture.Draw))
        {
            Mixture = mixture,
        };
    }
}
