namespace Gan.Experiments;

/// <summary>The adversarial losses that specs may name.</summary>
public static class LossCatalog
{
    /// <summary>What a margin costs, in relativistic losses.</summary>
    public static Catalog<Comparison> Comparisons { get; } =
        new(
            "comparisons",
            new("logistic", "softplus(-m)", _ => Comparison.Logistic),
            new("least_squares", "(m - 1)^2", _ => Comparison.LeastSquares),
            new("hinge", "max(0, 1 - m)", _ => Comparison.Hinge)
        );

    /// <summary>Kernels of a distance, in discrepancies.</summary>
    public static Catalog<Kernel> Kernels { get; } =
        new(
            "kernels",
            new(
                "rational_quadratic",
                "sum of (1 + s / (2 a))^-a over a = 0.2, 0.5, 1, 2, 5, s the squared distance",
                "Binkowski et al. 2018",
                _ => new Kernel.RationalQuadratic(0.2, 0.5, 1, 2, 5)
            ),
            new(
                "gaussian",
                "sum of exp(-s / (2 a^2)) over a = 2, 5, 10, 20, 40, 80, s the squared distance",
                "Li et al. 2017",
                _ => new Kernel.Gaussian(2, 5, 10, 20, 40, 80)
            )
        );

    /// <summary>Adversarial losses.</summary>
    public static Catalog<IAdversarialLoss> Losses { get; } =
        new(
            "losses",
            new(
                "non_saturating",
                "discriminator E softplus(-D(x)) + E softplus(D(G(z))), generator E softplus(-D(G(z)))",
                "Goodfellow et al. 2014",
                _ => new NonSaturating()
            ),
            new(
                "minimax",
                "discriminator E softplus(-D(x)) + E softplus(D(G(z))), generator -E softplus(D(G(z)))",
                "Goodfellow et al. 2014",
                _ => new Minimax()
            ),
            new(
                "least_squares",
                "discriminator (E (D(x)-b)^2 + E (D(G(z))-a)^2) / 2, generator E (D(G(z))-c)^2 / 2",
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
                "discriminator E D(G(z)) - E D(x), generator -E D(G(z))",
                "Arjovsky et al. 2017",
                _ => new Wasserstein()
            ),
            new(
                "hinge",
                "discriminator E max(0, 1-D(x)) + E max(0, 1+D(G(z))), generator -E D(G(z))",
                "Lim and Ye 2017",
                _ => new Hinge()
            ),
            new(
                "relativistic_paired",
                "discriminator E c(D(x) - D(G(z))), generator E c(D(G(z)) - D(x)), c softplus(-m) by default",
                "Jolicoeur-Martineau 2018",
                spec => new RelativisticPaired
                {
                    Comparison = spec.Choice("comparison", spec.Catalogs.Comparisons, "logistic"),
                }
            ),
            new(
                "relativistic_average",
                "discriminator E c(D(x) - E D(G(z))) + E c(E D(x) - D(G(z))), generator with the kinds exchanged",
                "Jolicoeur-Martineau 2018",
                spec => new RelativisticAverage
                {
                    Comparison = spec.Choice("comparison", spec.Catalogs.Comparisons, "logistic"),
                }
            ),
            Divergence("kl", "f = u log u, g(v) = v, f* = exp(t - 1)", _ => new KullbackLeibler()),
            Divergence(
                "reverse_kl",
                "f = -log u, g(v) = -exp(-v), f* = -1 - log(-t)",
                _ => new ReverseKullbackLeibler()
            ),
            Divergence("pearson", "f = (u - 1)^2, g(v) = v, f* = t^2/4 + t", _ => new PearsonChiSquared()),
            Divergence(
                "neyman",
                "f = (1 - u)^2 / u, g(v) = 1 - exp(-v), f* = 2 - 2 sqrt(1 - t)",
                _ => new NeymanChiSquared()
            ),
            Divergence(
                "squared_hellinger",
                "f = (sqrt u - 1)^2, g(v) = 1 - exp(-v), f* = t / (1 - t)",
                _ => new SquaredHellinger()
            ),
            Divergence(
                "jensen_shannon",
                "f = u log u - (u + 1) log((u + 1)/2), g(v) = log 2 - softplus(-v), f* = -log(2 - exp t)",
                _ => new JensenShannon()
            ),
            Divergence("total_variation", "f = |u - 1| / 2, g(v) = tanh(v) / 2, f* = t", _ => new TotalVariation()),
            Divergence(
                "alpha",
                "f = (u^a - 1 - a (u - 1)) / (a (a - 1)), f* = (((a - 1) t + 1)^(a/(a-1)) - 1) / a",
                spec => new AlphaDivergence { Alpha = spec.Number("alpha", 0.5) }
            ),
            new(
                "energy_based",
                "discriminator E e(x) + E max(0, margin - e(G(z))), generator E e(G(z)) + pull_away P; e = mean (x - Dec(Enc(x)))^2",
                "Zhao et al. 2017",
                spec => new EnergyBased { Margin = spec.Number("margin", 1), PullAway = spec.Number("pull_away", 0) }
            ),
            new(
                "began",
                "discriminator E a(x) - k E a(G(z)), generator E a(G(z)), k' = k + gain (diversity E a(x) - E a(G(z))); a = mean |x - Dec(Enc(x))|",
                "Berthelot et al. 2017",
                spec => new BoundaryEquilibrium
                {
                    Diversity = spec.Number("diversity", 0.5),
                    Gain = spec.Number("gain", 1e-3),
                }
            ),
            new(
                "fisher",
                "discriminator -(E D(x) - E D(G(z))) - l (1 - O) + penalty/2 (O - 1)^2, generator -E D(G(z)), O the second moment",
                "Mroueh and Sercu 2017",
                spec => new Fisher { Penalty = spec.Number("penalty", 1e-6) }
            ),
            new(
                "mmd",
                "discriminator -M, generator M, M the squared discrepancy of the discriminator's outputs under a kernel",
                "Li et al. 2017; Binkowski et al. 2018",
                spec => new KernelDiscrepancy
                {
                    Kernel = spec.Choice("kernel", spec.Catalogs.Kernels, "rational_quadratic"),
                }
            ),
            new(
                "cramer",
                "discriminator E f(G(z)) - E f(x), f(u) = E |h(u) - h(G(z'))| - |h(u)|, generator the energy distance of h",
                "Bellemare et al. 2017",
                _ => new Cramer()
            ),
            new(
                "sphere",
                "discriminator E m(G(z)) - E m(x), generator -E m(G(z)), m the moments of the distance to the north pole",
                "Park and Kwon 2019",
                spec => new Sphere { Moments = spec.Integer("moments", 3, most: 100) }
            ),
            new(
                "multi_hinge",
                "discriminator E max(0, 1 - m_y(x)) + E max(0, 1 - m_f(G(z))), generator E max(0, 1 + m_f(G(z))), m_k a logit less the largest other",
                "Kavalerov et al. 2021",
                _ => new MultiHinge()
            ),
            new(
                "label_smoothing",
                "a pointwise loss with labels real and fake away from 1 and 0",
                "Salimans et al. 2016",
                spec => new LabelSmoothing
                {
                    Inner = Pointwise(spec),
                    Real = spec.Number("real", 0.1),
                    Fake = spec.Number("fake", 0),
                }
            ),
            new(
                "label_flipping",
                "a pointwise loss whose discriminator gets the wrong label with a probability",
                "Chintala et al. 2016",
                spec => new LabelFlipping { Inner = Pointwise(spec), Probability = spec.Number("probability", 0.05) }
            ),
            new(
                "top_k",
                "the generator's loss of another loss, on the fraction of points that the discriminator takes most for real",
                "Sinha et al. 2020",
                spec => new TopK
                {
                    Inner = spec.Choice("inner", spec.Catalogs.Losses, "non_saturating"),
                    Fraction = OptimizerCatalog.Schedule(spec, "fraction", 0.5),
                }
            )
        );

    static PointwiseLoss Pointwise(SpecReader spec) =>
        spec.Choice("inner", spec.Catalogs.Losses, "non_saturating") as PointwiseLoss
        ?? throw spec.Wrong(
            "inner",
            "must be a loss that costs each point by its own logit, as non_saturating, hinge or wasserstein: a label belongs to a point."
        );

    // The losses of the f-divergences: discriminator E f*(g(D(G(z)))) - E g(D(x)).
    static CatalogEntry<IAdversarialLoss> Divergence(
        string name,
        string summary,
        Func<SpecReader, FDivergence> create
    ) =>
        new(
            name,
            $"discriminator E f*(g(D(G(z)))) - E g(D(x)), generator -E f*(g(D(G(z)))), {summary}",
            "Nowozin et al. 2016",
            spec => create(spec) with { NonSaturating = spec.Flag("non_saturating", false) }
        );
}
