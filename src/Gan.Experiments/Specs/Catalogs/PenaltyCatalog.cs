namespace Gan.Experiments;

/// <summary>A penalty or a constraint: what keeps a critic in bounds.</summary>
public sealed record Regularizer(IPenalty? Penalty, IConstraint? Constraint);

/// <summary>The penalties and constraints that specs may name.</summary>
public static class PenaltyCatalog
{
    /// <summary>Penalties and constraints of the critic.</summary>
    public static Catalog<Regularizer> Penalties { get; } =
        new(
            "penalties",
            [
                Penalty(
                    "r1",
                    "gamma/2 E |grad D(x)|^2 at real points",
                    "Mescheder et al. 2018",
                    spec => new R1(spec.Number("gamma", 10))
                ),
                Penalty(
                    "r2",
                    "gamma/2 E |grad D(G(z))|^2 at generated points",
                    "Mescheder et al. 2018",
                    spec => new R2(spec.Number("gamma", 10))
                ),
                Penalty(
                    "wgan_gp",
                    "weight E (|grad D(u)| - target)^2 between real and generated points",
                    "Gulrajani et al. 2017",
                    spec => new WassersteinGradientPenalty(spec.Number("weight", 10))
                    {
                        Target = spec.Number("target", 1),
                    }
                ),
                Penalty(
                    "wgan_lp",
                    "weight E max(0, |grad D(u)| - target)^2 between real and generated points",
                    "Petzka et al. 2018",
                    spec => new WassersteinGradientPenalty(spec.Number("weight", 10))
                    {
                        Target = spec.Number("target", 1),
                        OneSided = true,
                    }
                ),
                Penalty(
                    "zero_centred",
                    "weight E |grad D(u)|^2 between real and generated points",
                    "Thanh-Tung et al. 2019",
                    spec => new ZeroCentredInterpolates(spec.Number("weight", 10))
                ),
                Penalty(
                    "dragan",
                    "weight E (|grad D(u)| - 1)^2 at real points with noise of spread deviations",
                    "Kodali et al. 2017",
                    spec => new Dragan(spec.Number("weight", 10)) { Spread = spec.Number("spread", 0.5) }
                ),
                Penalty(
                    "wgan_div",
                    "weight E |grad D(u)|^power between real and generated points",
                    "Wu et al. 2018",
                    spec => new WassersteinDivergencePenalty(spec.Number("weight", 2))
                    {
                        Power = spec.Integer("power", 6),
                    }
                ),
                Penalty(
                    "max_gp",
                    "weight max |grad D(u)|^2 between real and generated points",
                    "Zhou et al. 2019",
                    spec => new MaxGradientPenalty(spec.Number("weight", 1))
                ),
                new(
                    "weight_clipping",
                    "every weight of the critic into [-bound, bound] after each update",
                    "Arjovsky et al. 2017",
                    spec => new(null, new WeightClipping(spec.Number("bound", 0.01)))
                ),
            ]
        );

    static CatalogEntry<Regularizer> Penalty(
        string name,
        string summary,
        string paper,
        Func<SpecReader, IPenalty> create
    ) => new(name, summary, paper, spec => new(create(spec), null));
}
