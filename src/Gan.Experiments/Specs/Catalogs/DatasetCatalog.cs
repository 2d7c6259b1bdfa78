namespace Gan.Experiments;

/// <summary>The data sets that specs may name.</summary>
public static class DatasetCatalog
{
    /// <summary>Data sets: made by code, or read from a folder.</summary>
    public static Catalog<DatasetSource> Datasets { get; } =
        new(
            "datasets",
            new(
                "ring",
                "Gaussians at equal angles on a circle",
                "PacGAN's protocol: 8 modes, radius 1, deviation 0.01",
                spec =>
                    OfMixture(
                        "ring",
                        Mixture.Ring(
                            spec.Integer("modes", 8, most: 10_000),
                            spec.Number("radius", 1),
                            spec.Number("deviation", 0.01)
                        ),
                        Labeled(spec)
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
                            spec.Integer("side", 5, most: 100),
                            spec.Number("spacing", 2),
                            spec.Number("deviation", 0.05)
                        ),
                        Labeled(spec)
                    )
            ),
            new(
                "gaussian",
                "one Gaussian of the plane, its axes turned by an angle in degrees",
                spec => Curves.Gaussian(spec.Number("first", 1), spec.Number("second", 0.3), spec.Number("angle", 0))
            ),
            new(
                "pair",
                "points of two data sets, drawn independently: two domains for system cyclegan, or one product to train on",
                spec =>
                {
                    var first = spec.Choice("first", spec.Catalogs.Datasets);
                    var second = spec.Choice("second", spec.Catalogs.Datasets);
                    return Pair(first, second);
                }
            ),
            new("dirac", "every point is zero", "Mescheder et al. 2018", _ => Curves.Dirac()),
            new(
                "swiss_roll",
                "a spiral in the plane, with noise",
                spec => Curves.SwissRoll(spec.Number("noise", 0.02))
            ),
            new(
                "glyphs",
                "28 x 28 digits from strokes, of known slant, thickness, size and shift",
                spec =>
                    GlyphSources.Images(
                        spec.Integer("count", 10_000, most: 1_000_000),
                        spec.Long("seed", 0),
                        Range(spec),
                        new GlyphConditions(Labeled(spec), spec.Flag("captions", false), spec.Flag("skeletons", false))
                    )
            ),
            new(
                "glyph_factors",
                "ten factors of a glyph: of its shape, its spoken form, its caption",
                spec => GlyphSources.Factors(spec.Integer("count", 10_000, most: 1_000_000), spec.Long("seed", 0))
            ),
            new(
                "tones",
                "waveforms of known pitch and envelope",
                spec =>
                    Curves.Tones(spec.Integer("samples", 16_000, most: 10_000_000), spec.Integer("sample_rate", 16_000))
            ),
            new(
                "mnist",
                "28 x 28 pictures in IDX format, gzipped or not: MNIST, Fashion-MNIST, EMNIST",
                "LeCun et al. 1998",
                spec => IdxFolder.Source(spec.Text("folder"), Range(spec), Labeled(spec))
            ),
            new(
                "cifar10",
                "32 x 32 color pictures, the binary version",
                "Krizhevsky 2009",
                spec => Cifar10.Source(spec.Text("folder"), Range(spec))
            )
        );

    static ValueRange Range(SpecReader spec) =>
        spec.Name("range", ValueRange.Symmetric) is var range && range != ValueRange.Unbounded
            ? range
            : throw spec.Wrong("range", "pictures fill symmetric, [-1, 1], or unit, [0, 1].");

    // Whether points bear the class that they are drawn from: the mode, or the digit.
    static bool Labeled(SpecReader spec) => spec.Flag("labels", false);

    static DatasetSource Pair(DatasetSource first, DatasetSource second) =>
        new(
            "pair",
            PairedDataset.SpaceOf(first.Space, second.Space),
            $"{first.Source} and {second.Source}",
            () => new PairedDataset(first.Open(), second.Open())
        )
        {
            Parts = new Dictionary<string, DatasetSource>
            {
                [PairedDataset.First] = first,
                [PairedDataset.Second] = second,
            },
        };

    static DatasetSource OfMixture(string kind, Mixture mixture, bool labeled)
    {
        var space = new Space.Vector(mixture.Dimensions, ValueRange.Unbounded);
        var centers = mixture.Centers.Select(center => string.Join(",", center.Select(x => x.ToString("R"))));
        var formula = $"{kind} {string.Join(" ", centers)} {mixture.Deviation:R}";
        return new DatasetSource(
            kind,
            space,
            kind,
            () => new GeneratedDataset(space, formula, mixture.Draw, labeled ? mixture.DrawModes : null)
        )
        {
            Mixture = mixture,
            Condition = labeled ? new Space.Label(mixture.Centers.Length) : null,
        };
    }
}
