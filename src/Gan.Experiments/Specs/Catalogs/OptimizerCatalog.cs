namespace Gan.Experiments;

/// <summary>The optimizers and schedules that specs may name.</summary>
public static class OptimizerCatalog
{
    /// <summary>Optimizers, each with clipping, penalties on the weights, and a learning rate or a schedule of it.</summary>
    public static Catalog<Chain> Optimizers { get; } =
        new(
            "optimizers",
            new(
                "adam",
                "m/(1-b1^t) / (sqrt(v/(1-b2^t)) + eps); with weight_decay, AdamW; with optimistic, 2 u - last u",
                "Kingma and Ba 2015",
                spec => Around(spec, 1e-3, Adam(spec))
            ),
            new(
                "rmsprop",
                "g / (sqrt(v) + eps); with optimistic, 2 u - last u",
                "Tieleman and Hinton 2012",
                spec =>
                    Around(
                        spec,
                        1e-3,
                        [new ScaleByRms { Decay = spec.Number("decay", 0.99), Epsilon = spec.Number("epsilon", 1e-8) }]
                    )
            ),
            new(
                "sgd",
                "g, with momentum t = momentum t + g, which may be negative; with optimistic, 2 g - last g",
                "Polyak 1964",
                spec => Around(spec, 1e-2, Momentum(spec))
            )
        );

    /// <summary>Learning rates over time.</summary>
    public static Catalog<ISchedule> Schedules { get; } =
        new(
            "schedules",
            new("constant", "always the same", spec => new Constant(spec.Number("value", 1e-3))),
            new(
                "linear",
                "from one value to another along a line over some updates",
                spec => new LinearDecay
                {
                    From = spec.Number("from"),
                    Until = spec.Number("until", 0),
                    Over = spec.Long("over"),
                }
            ),
            new(
                "cosine",
                "from one value to another along half a cosine over some updates",
                "Loshchilov and Hutter 2017",
                spec => new CosineDecay
                {
                    From = spec.Number("from"),
                    Until = spec.Number("until", 0),
                    Over = spec.Long("over"),
                }
            ),
            new(
                "exponential",
                "from factor^(updates / over)",
                spec => new ExponentialDecay
                {
                    From = spec.Number("from"),
                    Factor = spec.Number("factor", 0.5),
                    Over = spec.Long("over"),
                }
            ),
            new(
                "warm_up",
                "from 0 along a line over some updates, then constant",
                spec => new WarmUp { Over = spec.Long("over"), Then = new Constant(spec.Number("value")) }
            )
        );

    /// <summary>A number that is always the same, or a schedule.</summary>
    internal static ISchedule Schedule(SpecReader spec, string key, double fallback) =>
        spec.IsNumber(key) || !spec.Has(key)
            ? new Constant(Require.NotNegative(spec.Number(key, fallback), key))
            : spec.Choice(key, spec.Catalogs.Schedules);

    static IGradientTransform[] Adam(SpecReader spec) =>
        [
            new ScaleByAdam
            {
                Beta1 = spec.Number("beta1", 0.9),
                Beta2 = spec.Number("beta2", 0.999),
                Epsilon = spec.Number("epsilon", 1e-8),
            },
            .. IfNotZero(spec, "weight_decay", decay => new AddDecayedWeights { Coefficient = decay }),
        ];

    static IGradientTransform[] Momentum(SpecReader spec)
    {
        var momentum = spec.Number("momentum", 0);
        var nesterov = spec.Flag("nesterov", false);
        return momentum == 0 ? [] : [new Trace { Decay = momentum, Nesterov = nesterov }];
    }

    static Chain Around(SpecReader spec, double learningRate, IReadOnlyList<IGradientTransform> direction)
    {
        var rate = Schedule(spec, "learning_rate", learningRate);
        return new Chain([
            .. IfNotZero(spec, "clip_value", bound => new ClipByValue { Bound = bound }),
            .. IfNotZero(spec, "clip_norm", bound => new ClipByGlobalNorm { Bound = bound }),
            .. IfNotZero(spec, "l1", coefficient => new AddWeightSigns { Coefficient = coefficient }),
            .. IfNotZero(spec, "l2", coefficient => new AddDecayedWeights { Coefficient = coefficient }),
            .. direction.Where(part => part is not AddDecayedWeights),
            .. spec.Flag("optimistic", false) ? new[] { new OptimisticGradient() } : [],
            // Decoupled decay belongs to the rate's side of optimism: it is no direction of the game.
            .. direction.OfType<AddDecayedWeights>(),
            new ScaleByLearningRate(rate),
        ]);
    }

    // The part that a number is for; 0, the default, stands for none.
    static IGradientTransform[] IfNotZero(SpecReader spec, string key, Func<double, IGradientTransform> make) =>
        spec.Number(key, 0) is var number and not 0 ? [make(number)] : [];
}
