namespace Gan.Experiments;

/// <summary>The systems that specs may name: what makes a game of its networks, losses and data.</summary>
public static class SystemCatalog
{
    /// <summary>Systems.</summary>
    public static Catalog<ISystem> Systems { get; } =
        new(
            "systems",
            new("gan", "one generator against one discriminator", "Goodfellow et al. 2014", _ => new GanSystem(false)),
            new(
                "conditional_gan",
                "the same, both networks conditioned on what the data gives: labels, captions, other pictures",
                "Mirza and Osindero 2014; Miyato and Koyama 2018",
                _ => new GanSystem(true)
            ),
            new(
                "bigan",
                "a generator and an encoder (key encoder) against a discriminator of pairs of points and latents",
                "Donahue et al. 2017; Dumoulin et al. 2017",
                _ => new BiganSystem()
            ),
            new(
                "cyclegan",
                "two translators between the parts of a pair, against a discriminator of each; cycle E |B(F(x)) - x|",
                "Zhu et al. 2017",
                spec => new CycleganSystem(spec.Number("cycle", 10), spec.Number("identity", 0))
            )
        );
}
