namespace Gan.Experiments;

/// <summary>The augmentations that specs may name.</summary>
public static class AugmentationCatalog
{
    /// <summary>Changes of points before the discriminator sees them.</summary>
    public static Catalog<IAugmentation> Augmentations { get; } =
        new(
            "augmentations",
            new(
                "instance_noise",
                "x + s e, e standard normal, s a deviation or a schedule of it",
                "Sonderby et al. 2017",
                spec => new InstanceNoise { Deviation = OptimizerCatalog.Schedule(spec, "deviation", 0.1) }
            ),
            new(
                "diff_augment",
                "colors, shifts and a cut-out square, for images",
                "Zhao et al. 2020",
                spec => new DiffAugment
                {
                    Color = spec.Flag("color", true),
                    Translation = spec.Flag("translation", true),
                    Cutout = spec.Flag("cutout", true),
                    Background = spec.Number("background", 0),
                }
            ),
            new(
                "adaptive",
                "each change with a probability that follows E sign(D(x)) toward a target, for images",
                "Karras et al. 2020",
                spec => new AdaptiveAugmentation
                {
                    Target = spec.Number("target", 0.6),
                    StepSize = spec.Number("step_size", 1e-4),
                    Background = spec.Number("background", 0),
                }
            )
        );
}
