namespace Gan.Experiments;

/// <summary>The distributions of latents that specs may name.</summary>
public static class LatentCatalog
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
}
