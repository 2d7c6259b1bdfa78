namespace Gan.Experiments;

/// <summary>Makes a generator for latents and a space.</summary>
public delegate IGenerator GeneratorFactory(LatentPrior latents, Space space);

/// <summary>Makes a critic for a space.</summary>
public delegate ICritic CriticFactory(Space space);

/// <summary>A penalty or a constraint: what keeps a critic in bounds.</summary>
public sealed record Regularizer(IPenalty? Penalty, IConstraint? Constraint);

/// <summary>What specs may name.</summary>
public static class Catalogs
{
    /// <summary>Adversarial losses.</summary>
    public static Catalog<IAdversarialLoss> Losses { get; } =
        new(
            "losses",
            [
                new(
                    "non_saturating",
                    "critic E softplus(-D(x)) + E softplus(D(G(z))), generator E softplus(-D(G(z)))",
                    "Goodfellow et al. 2014",
                    _ => new NonSaturating()
                ),
                new(
                    "minimax",
                    "critic E softplus(-D(x)) + E softplus(D(G(z))), generator -E softplus(D(G(z)))",
                    "Goodfellow et al. 2014",
                    _ => new Minimax()
                ),
                new(
                    "least_squares",
                    "critic (E (D(x)-b)^2 + E (D(G(z))-a)^2) / 2, generator E (D(G(z))-c)^2 / 2",
                    "Mao et al. 2017",
                    spec => new LeastSquares
                    {
                        FakeTarget = spec.Number("a", 0),
                        RealTarget = spec.Number("b", 1),
                        GeneratorTarget = spec.Number("c", 1),
                    }
                ),
                new(
                    "wasserstein",
                    "critic E D(G(z)) - E D(x), generator -E D(G(z))",
                    "Arjovsky et al. 2017",
                    _ => new Wasserstein()
                ),
                new(
                    "hinge",
                    "critic E max(0, 1-D(x)) + E max(0, 1+D(G(z))), generator -E D(G(z))",
                    "Lim and Ye 2017",
                    _ => new Hinge()
                ),
                new(
                    "relativistic_paired",
                    "critic E softplus(D(G(z)) - D(x)), generator E softplus(D(x) - D(G(z)))",
                    "Jolicoeur-Martineau 2018",
                    _ => new RelativisticPaired()
                ),
            ]
        );

    /// <summary>Penalties and constraints of the critic.</summary>
    public static Catalog<Regularizer> Penalties { get; } =
        new(
            "penalties",
            [
                new(
                    "r1",
                    "gamma/2 E |grad D(x)|^2 at real points",
                    "Mescheder et al. 2018",
                    spec => new(new R1(spec.Number("gamma", 10)), null)
                ),
                new(
                    "r2",
                    "gamma/2 E |grad D(G(z))|^2 at generated points",
                    "Mescheder et al. 2018",
                    spec => new(new R2(spec.Number("gamma", 10)), null)
                ),
                new(
                    "wgan_gp",
                    "weight E (|grad D(u)| - target)^2 between real and generated points",
                    "Gulrajani et al. 2017",
                    spec =>
                        new(
                            new WassersteinGradientPenalty(spec.Number("weight", 10))
                            {
                                Target = spec.Number("target", 1),
                            },
                            null
                        )
                ),
                new(
                    "weight_clipping",
                    "every weight of the critic into [-bound, bound] after each update",
                    "Arjovsky et al. 2017",
                    spec => new(null, new WeightClipping(spec.Number("bound", 0.01)))
                ),
            ]
        );

    /// <summary>Distributions of the generator's input.</summary>
    public static Catalog<LatentPrior> Latents { get; } =
        new(
            "latents",
            [
                new(
                    "normal",
                    "independent standard normal",
                    "",
                    spec => new LatentPrior.Normal(spec.Integer("size", 100, most: 1_000_000))
                ),
                new(
                    "uniform",
                    "independent, uniform on [-1, 1)",
                    "",
                    spec => new LatentPrior.Uniform(spec.Integer("size", 100, most: 1_000_000))
                ),
            ]
        );

    /// <summary>Every catalogue, by the word that <c>gan list</c> takes.</summary>
    public static IReadOnlyList<ICatalog> All { get; } =
    [
        Losses,
        Penalties,
        OptimizerCatalog.Optimizers,
        OptimizerCatalog.Schedules,
        RuleCatalog.Rules,
        Latents,
        NetworkCatalog.Generators,
        NetworkCatalog.Critics,
        DatasetCatalog.Datasets,
        MetricCatalog.Metrics,
    ];
}
