namespace Gan.Experiments;

/// <summary>Makes a generator for latents, a space, and what it is conditioned on; null for nothing.</summary>
public delegate IGenerator GeneratorFactory(LatentPrior latents, Space space, Space? condition);

/// <summary>Makes a discriminator for a space, and what it is conditioned on; null for nothing.</summary>
public delegate IDiscriminator DiscriminatorFactory(Space space, Space? condition);

/// <summary>What specs may name.</summary>
public static class Catalogs
{
    /// <summary>Distributions of the generator's input.</summary>
    public static Catalog<LatentPrior> Latents { get; } =
        new(
            "latents",
            new(
                "normal",
                "independent standard normal",
                spec => new LatentPrior.Normal(spec.Integer("size", 100, most: 1_000_000))
            ),
            new(
                "uniform",
                "independent, uniform on [-1, 1)",
                spec => new LatentPrior.Uniform(spec.Integer("size", 100, most: 1_000_000))
            )
        );

    /// <summary>Every catalog, by the word that <c>gan list</c> takes.</summary>
    public static IReadOnlyList<ICatalog> All { get; } =
    [
        SystemCatalog.Systems,
        LossCatalog.Losses,
        LossCatalog.Comparisons,
        LossCatalog.Kernels,
        PenaltyCatalog.Penalties,
        PenaltyCatalog.GeneratorPenalties,
        AugmentationCatalog.Augmentations,
        OptimizerCatalog.Optimizers,
        OptimizerCatalog.Schedules,
        RuleCatalog.Rules,
        Latents,
        NetworkCatalog.Generators,
        NetworkCatalog.Discriminators,
        DatasetCatalog.Datasets,
        MetricCatalog.Metrics,
    ];
}
