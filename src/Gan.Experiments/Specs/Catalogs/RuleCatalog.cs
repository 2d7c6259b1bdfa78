namespace Gan.Experiments;

/// <summary>The update rules that specs may name.</summary>
public static class RuleCatalog
{
    /// <summary>Update rules.</summary>
    public static Catalog<IUpdateRule> Rules { get; } =
        new(
            "rules",
            new(
                "alternating",
                "turn after turn, a later one sees what an earlier one changed",
                "Goodfellow et al. 2014",
                _ => new Alternating()
            ),
            new(
                "simultaneous",
                "w' = move(w, g(w)), all gradients at the state before the step",
                _ => new Simultaneous()
            ),
            new(
                "extragradient",
                "w' = move(w, g(w~)) with w~ = w + lookahead (move(w, g(w)) - w)",
                "Korpelevich 1976; Gidel et al. 2019",
                spec => new Extragradient { Lookahead = spec.Number("lookahead", 1) }
            ),
            new(
                "runge_kutta",
                "a step of Heun's method (order 2) or the classical one (order 4) along the gradient flow",
                "Qin et al. 2020",
                spec => new RungeKutta { Order = spec.Integer("order", 4) }
            ),
            new(
                "lookahead",
                "after every period steps of an inner rule s' = s + alpha (w - s), w = s'",
                "Zhang et al. 2019; Chavdarova et al. 2021",
                spec => new Lookahead
                {
                    Inner = spec.Choice("inner", spec.Catalogs.Rules, "alternating"),
                    Period = spec.Integer("period", 5),
                    Alpha = spec.Number("alpha", 0.5),
                }
            ),
            new(
                "consensus",
                "w' = move(w, g + coefficient H^T g), H the game's Hessian",
                "Mescheder et al. 2017",
                spec => new Consensus { Coefficient = spec.Number("coefficient", 0.1) }
            ),
            new(
                "symplectic_gradient_adjustment",
                "w' = move(w, g + coefficient A^T g), A = (H - H^T)/2",
                "Balduzzi et al. 2018",
                spec => new SymplecticGradientAdjustment { Coefficient = spec.Number("coefficient", 1) }
            ),
            new(
                "competitive_gradient_descent",
                "w' = move(w, x) with (I + learning_rate H') x = g, H' the Hessian without the players' own blocks",
                "Schaefer and Anandkumar 2019",
                spec => new CompetitiveGradientDescent
                {
                    LearningRate = spec.Number("learning_rate", 1e-3),
                    Iterations = spec.Integer("iterations", 20),
                    Tolerance = spec.Number("tolerance", 1e-6),
                }
            ),
            new(
                "unrolled",
                "alternating, the generator's gradient through steps discriminator steps of size learning_rate",
                "Metz et al. 2017",
                spec => new Unrolled
                {
                    Steps = spec.Integer("steps", 5, least: 0),
                    LearningRate = spec.Number("learning_rate", 1e-3),
                }
            )
        );
}
