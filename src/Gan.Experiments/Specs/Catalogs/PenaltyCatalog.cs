namespace Gan.Experiments;

/// <summary>A penalty or a constraint: what keeps a discriminator in bounds.</summary>
public sealed record Regularizer(IPenalty? Penalty, IConstraint? Constraint);

/// <summary>The penalties and constraints that specs may name.</summary>
public static class PenaltyCatalog
{
    static readonly CatalogEntry<Regularizer> orthogonal = Penalty(
        "orthogonal",
        "coefficient sum |W W^T - I|^2 over the player's weights, the diagonal left out by default",
        "Brock et al. 2017, 2019",
        spec => new Orthogonality
        {
            Coefficient = spec.Number("coefficient", 1e-4),
            Diagonal = spec.Flag("diagonal", false),
        }
    );

    static readonly CatalogEntry<Regularizer> historicalAveraging = Penalty(
        "historical_averaging",
        "coefficient |w - m|^2, m the mean of the player's weights so far",
        "Salimans et al. 2016",
        spec => new HistoricalAveraging { Coefficient = spec.Number("coefficient", 1e-3) }
    );

    /// <summary>Penalties and constraints of the discriminator.</summary>
    public static Catalog<Regularizer> Penalties { get; } =
        new(
            "penalties",
            Penalty(
                "r1",
                "gamma/2 E |grad D(x)|^2 at real points",
                "Mescheder et al. 2018",
                spec => new R1 { Gamma = spec.Number("gamma", 10) }
            ),
            Penalty(
                "r2",
                "gamma/2 E |grad D(G(z))|^2 at generated points",
                "Mescheder et al. 2018",
                spec => new R2 { Gamma = spec.Number("gamma", 10) }
            ),
            Penalty(
                "wgan_gp",
                "coefficient E (|grad D(u)| - target)^2 between real and generated points",
                "Gulrajani et al. 2017",
                spec => new WassersteinGradientPenalty
                {
                    Coefficient = spec.Number("coefficient", 10),
                    Target = spec.Number("target", 1),
                }
            ),
            Penalty(
                "wgan_lp",
                "coefficient E max(0, |grad D(u)| - target)^2 between real and generated points",
                "Petzka et al. 2018",
                spec => new WassersteinGradientPenalty
                {
                    Coefficient = spec.Number("coefficient", 10),
                    Target = spec.Number("target", 1),
                    OneSided = true,
                }
            ),
            Penalty(
                "zero_centered",
                "coefficient E |grad D(u)|^2 between real and generated points",
                "Thanh-Tung et al. 2019",
                spec => new ZeroCenteredInterpolates { Coefficient = spec.Number("coefficient", 10) }
            ),
            Penalty(
                "dragan",
                "coefficient E (|grad D(u)| - 1)^2 at real points with noise of spread deviations",
                "Kodali et al. 2017",
                spec => new Dragan { Coefficient = spec.Number("coefficient", 10), Spread = spec.Number("spread", 0.5) }
            ),
            Penalty(
                "wgan_div",
                "coefficient E |grad D(u)|^power between real and generated points",
                "Wu et al. 2018",
                spec => new WassersteinDivergencePenalty
                {
                    Coefficient = spec.Number("coefficient", 2),
                    Power = spec.Integer("power", 6),
                }
            ),
            Penalty(
                "max_gp",
                "coefficient max |grad D(u)|^2 between real and generated points",
                "Zhou et al. 2019",
                spec => new MaxGradientPenalty { Coefficient = spec.Number("coefficient", 1) }
            ),
            Penalty(
                "consistency",
                "real_coefficient E (D(x) - D(T(x)))^2 + fake_coefficient E (D(G(z)) - D(T(G(z))))^2 for an augmentation T",
                "Zhang et al. 2020; Zhao et al. 2021",
                spec => new Consistency
                {
                    Augmentation = spec.Choice("augmentation", spec.Catalogs.Augmentations, "instance_noise"),
                    RealCoefficient = spec.Number("real_coefficient", 10),
                    FakeCoefficient = spec.Number("fake_coefficient", 0),
                }
            ),
            Penalty(
                "latent_consistency",
                "coefficient E (D(G(z)) - D(G(z + e)))^2, e normal of the deviation",
                "Zhao et al. 2021",
                spec => new LatentConsistency
                {
                    Coefficient = spec.Number("coefficient", 5),
                    Deviation = spec.Number("deviation", 0.03),
                }
            ),
            Penalty(
                "le_cam",
                "coefficient (E max(0, D(x) - a_F)^2 + E max(0, a_R - D(G(z)))^2), a the averages of the logits",
                "Tseng et al. 2021",
                spec => new LeCam
                {
                    Coefficient = spec.Number("coefficient", 0.3),
                    Decay = spec.Number("decay", 0.99),
                    After = spec.Integer("after", 0, least: 0),
                }
            ),
            orthogonal,
            historicalAveraging,
            Lazily(catalogs => catalogs.Penalties, "r1", 16),
            new(
                "weight_clipping",
                "every weight of the discriminator into [-bound, bound] after each update",
                "Arjovsky et al. 2017",
                spec => new(null, new WeightClipping { Bound = spec.Number("bound", 0.01) })
            )
        );

    /// <summary>Penalties of the generator.</summary>
    public static Catalog<Regularizer> GeneratorPenalties { get; } =
        new(
            "generator_penalties",
            Penalty(
                "feature_matching",
                "coefficient |E f(x) - E f(G(z))|^2, f the discriminator's features",
                "Salimans et al. 2016",
                spec => new FeatureMatching { Coefficient = spec.Number("coefficient", 1) }
            ),
            Penalty(
                "path_length",
                "coefficient E (|J^T y| - a)^2, J the generator's Jacobian, a the average of the lengths",
                "Karras et al. 2020",
                spec => new PathLength
                {
                    Coefficient = spec.Number("coefficient", 2),
                    Decay = spec.Number("decay", 0.99),
                }
            ),
            Penalty(
                "latent_diversity",
                "-coefficient E |G(z) - G(z + e)|^2, e normal of the deviation",
                "Zhao et al. 2021",
                spec => new LatentDiversity
                {
                    Coefficient = spec.Number("coefficient", 0.5),
                    Deviation = spec.Number("deviation", 0.03),
                }
            ),
            orthogonal,
            historicalAveraging,
            Lazily(catalogs => catalogs.GeneratorPenalties, "path_length", 4)
        );

    static CatalogEntry<Regularizer> Penalty(
        string name,
        string summary,
        string paper,
        Func<SpecReader, IPenalty> create
    ) => new(name, summary, paper, spec => new(create(spec), null));

    static CatalogEntry<Regularizer> Lazily(Func<Catalogs, Catalog<Regularizer>> penalties, string inner, int every) =>
        Penalty(
            "lazy",
            "every so many steps, that many times an inner penalty",
            "Karras et al. 2020",
            spec => new Lazy
            {
                Inner =
                    spec.Choice("inner", penalties(spec.Catalogs), inner).Penalty
                    ?? throw spec.Wrong("inner", "must be a penalty; a constraint holds at every step."),
                Every = spec.Integer("every", every),
            }
        );
}
