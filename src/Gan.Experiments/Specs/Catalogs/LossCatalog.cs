namespace Gan.Experiments;

/// <summary>The adversarial losses that specs may name.</summary>
public static class LossCatalog
{
    const string FGan = "Nowozin et al. 2016";

    /// <summary>What a margin costs, in relativistic losses.</summary>
    public static Catalog<Comparison> Comparisons { get; } =
        new(
            "comparisons",
            [
                new("logistic", "softplus(-m)", "", _ => Comparison.Logistic),
                new("least_squares", "(m - 1)^2", "", _ => Comparison.LeastSquares),
                new("hinge", "max(0, 1 - m)", "", _ => Comparison.Hinge),
            ]
        );

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
                    "critic E c(D(x) - D(G(z))), generator E c(D(G(z)) - D(x)), c softplus(-m) by default",
                    "Jolicoeur-Martineau 2018",
                    spec => new RelativisticPaired { Comparison = spec.Choice("comparison", Comparisons, "logistic") }
                ),
                new(
                    "relativistic_average",
                    "critic E c(D(x) - E D(G(z))) + E c(E D(x) - D(G(z))), generator with the kinds exchanged",
                    "Jolicoeur-Martineau 2018",
                    spec => new RelativisticAverage { Comparison = spec.Choice("comparison", Comparisons, "logistic") }
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
                    spec => new AlphaDivergence(spec.Number("alpha", 0.5))
                ),
            ]
        );

    // The losses of the f-divergences: critic E f*(g(D(G(z)))) - E g(D(x)).
    static CatalogEntry<IAdversarialLoss> Divergence(
        string name,
        string summary,
        Func<SpecReader, FDivergence> create
    ) =>
        new(
            name,
            $"critic E f*(g(D(G(z)))) - E g(D(x)), generator -E f*(g(D(G(z)))), {summary}",
            FGan,
            spec => create(spec) with { NonSaturating = spec.Flag("non_saturating", false) }
        );
}
