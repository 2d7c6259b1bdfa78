namespace Gan.Experiments;

/// <summary>Makes a generator for latents, a space, and what it is conditioned on; null for nothing.</summary>
public delegate IGenerator GeneratorFactory(LatentPrior latents, Space space, Space? condition);

/// <summary>Makes a discriminator for a space, and what it is conditioned on; null for nothing.</summary>
public delegate IDiscriminator DiscriminatorFactory(Space space, Space? condition);

/// <summary>
/// What specs may name: a value. An extension takes one and returns another with entries of its own:
/// <c>catalogs.WithLoss(…)</c>.
/// </summary>
public sealed record Catalogs
{
    /// <summary>What the library has.</summary>
    public static Catalogs BuiltIn { get; } = new();

    /// <summary>Systems.</summary>
    public Catalog<ISystem> Systems { get; init; } = SystemCatalog.Systems;

    /// <summary>Adversarial losses.</summary>
    public Catalog<IAdversarialLoss> Losses { get; init; } = LossCatalog.Losses;

    /// <summary>Costs of margins, for relativistic losses.</summary>
    public Catalog<Comparison> Comparisons { get; init; } = LossCatalog.Comparisons;

    /// <summary>Kernels.</summary>
    public Catalog<Kernel> Kernels { get; init; } = LossCatalog.Kernels;

    /// <summary>Penalties and constraints of the discriminator.</summary>
    public Catalog<Regularizer> Penalties { get; init; } = PenaltyCatalog.Penalties;

    /// <summary>Penalties of the generator.</summary>
    public Catalog<Regularizer> GeneratorPenalties { get; init; } = PenaltyCatalog.GeneratorPenalties;

    /// <summary>Augmentations.</summary>
    public Catalog<IAugmentation> Augmentations { get; init; } = AugmentationCatalog.Augmentations;

    /// <summary>Optimizers.</summary>
    public Catalog<Chain> Optimizers { get; init; } = OptimizerCatalog.Optimizers;

    /// <summary>Schedules.</summary>
    public Catalog<ISchedule> Schedules { get; init; } = OptimizerCatalog.Schedules;

    /// <summary>Update rules.</summary>
    public Catalog<IUpdateRule> Rules { get; init; } = RuleCatalog.Rules;

    /// <summary>Distributions of latents.</summary>
    public Catalog<LatentPrior> Latents { get; init; } = LatentCatalog.Latents;

    /// <summary>Layers that may follow a hidden layer: activations.</summary>
    public Catalog<ILayer> Layers { get; init; } = NetworkCatalog.Layers;

    /// <summary>Generators.</summary>
    public Catalog<GeneratorFactory> Generators { get; init; } = NetworkCatalog.Generators;

    /// <summary>Discriminators.</summary>
    public Catalog<DiscriminatorFactory> Discriminators { get; init; } = NetworkCatalog.Discriminators;

    /// <summary>Data sets.</summary>
    public Catalog<DatasetSource> Datasets { get; init; } = DatasetCatalog.Datasets;

    /// <summary>Metrics.</summary>
    public Catalog<Metric> Metrics { get; init; } = MetricCatalog.Metrics;

    /// <summary>Detectors that look at every run, beside those of the library.</summary>
    public Catalog<IDetector> Detectors { get; init; } = DetectorCatalog.Detectors;

    /// <summary>Every catalog, by the word that <c>gan list</c> takes.</summary>
    public IReadOnlyList<ICatalog> All =>
        [
            Systems,
            Losses,
            Comparisons,
            Kernels,
            Penalties,
            GeneratorPenalties,
            Augmentations,
            Optimizers,
            Schedules,
            Rules,
            Latents,
            Layers,
            Generators,
            Discriminators,
            Datasets,
            Metrics,
            Detectors,
        ];

    /// <summary>With one more of the systems.</summary>
    public Catalogs WithSystem(CatalogEntry<ISystem> entry) => this with { Systems = Systems.With(entry) };

    /// <summary>With one more of the adversarial losses.</summary>
    public Catalogs WithLoss(CatalogEntry<IAdversarialLoss> entry) => this with { Losses = Losses.With(entry) };

    /// <summary>With one more of the costs of margins, for relativistic losses.</summary>
    public Catalogs WithComparison(CatalogEntry<Comparison> entry) =>
        this with
        {
            Comparisons = Comparisons.With(entry),
        };

    /// <summary>With one more of the kernels.</summary>
    public Catalogs WithKernel(CatalogEntry<Kernel> entry) => this with { Kernels = Kernels.With(entry) };

    /// <summary>With one more of the augmentations.</summary>
    public Catalogs WithAugmentation(CatalogEntry<IAugmentation> entry) =>
        this with
        {
            Augmentations = Augmentations.With(entry),
        };

    /// <summary>With one more of the optimizers.</summary>
    public Catalogs WithOptimizer(CatalogEntry<Chain> entry) => this with { Optimizers = Optimizers.With(entry) };

    /// <summary>With one more of the schedules.</summary>
    public Catalogs WithSchedule(CatalogEntry<ISchedule> entry) => this with { Schedules = Schedules.With(entry) };

    /// <summary>With one more of the update rules.</summary>
    public Catalogs WithRule(CatalogEntry<IUpdateRule> entry) => this with { Rules = Rules.With(entry) };

    /// <summary>With one more of the distributions of latents.</summary>
    public Catalogs WithLatents(CatalogEntry<LatentPrior> entry) => this with { Latents = Latents.With(entry) };

    /// <summary>With one more of the layers that may follow a hidden layer.</summary>
    public Catalogs WithLayer(CatalogEntry<ILayer> entry) => this with { Layers = Layers.With(entry) };

    /// <summary>With one more of the generators.</summary>
    public Catalogs WithGenerator(CatalogEntry<GeneratorFactory> entry) =>
        this with
        {
            Generators = Generators.With(entry),
        };

    /// <summary>With one more of the discriminators.</summary>
    public Catalogs WithDiscriminator(CatalogEntry<DiscriminatorFactory> entry) =>
        this with
        {
            Discriminators = Discriminators.With(entry),
        };

    /// <summary>With one more of the data sets.</summary>
    public Catalogs WithDataset(CatalogEntry<DatasetSource> entry) => this with { Datasets = Datasets.With(entry) };

    /// <summary>With one more of the metrics.</summary>
    public Catalogs WithMetric(CatalogEntry<Metric> entry) => this with { Metrics = Metrics.With(entry) };

    /// <summary>With one more of the detectors that look at every run, beside those of the library.</summary>
    public Catalogs WithDetector(CatalogEntry<IDetector> entry) => this with { Detectors = Detectors.With(entry) };

    /// <summary>With one more penalty of the discriminator.</summary>
    public Catalogs WithPenalty(CatalogEntry<IPenalty> entry) =>
        this with
        {
            Penalties = Penalties.With(entry.Select(penalty => new Regularizer(penalty, null))),
        };

    /// <summary>With one more penalty of the generator.</summary>
    public Catalogs WithGeneratorPenalty(CatalogEntry<IPenalty> entry) =>
        this with
        {
            GeneratorPenalties = GeneratorPenalties.With(entry.Select(penalty => new Regularizer(penalty, null))),
        };
}
