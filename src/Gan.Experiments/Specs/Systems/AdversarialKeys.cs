namespace Gan.Experiments;

/// <summary>The keys of a spec that every system of adversarial losses has.</summary>
public static class AdversarialKeys
{
    /// <summary>Losses, penalties, augmentations, optimizers and the rest of a game.</summary>
    public static AdversarialConfig Read(SpecReader spec, SystemInput input)
    {
        var loss = spec.Choice("loss", spec.Catalogs.Losses);
        var penalties = spec.Choices("penalties", spec.Catalogs.Penalties);
        var generatorPenalties = spec.Choices("generator_penalties", spec.Catalogs.GeneratorPenalties);
        var augmentations = spec.Choices("augmentations", spec.Catalogs.Augmentations);
        var generatorOptimizer = spec.Choice("generator_optimizer", spec.Catalogs.Optimizers);
        var discriminatorOptimizer = spec.Choice("discriminator_optimizer", spec.Catalogs.Optimizers);
        var rule = spec.Choice("rule", spec.Catalogs.Rules, "alternating");
        var average = spec.Number("average", 0);
        var ramp = spec.Number("average_ramp_up", 0);
        return new AdversarialConfig
        {
            Loss = loss,
            Penalties = [.. penalties.Select(penalty => penalty.Penalty).OfType<IPenalty>()],
            DiscriminatorConstraints = [.. penalties.Select(penalty => penalty.Constraint).OfType<IConstraint>()],
            GeneratorPenalties = [.. generatorPenalties.Select(penalty => penalty.Penalty).OfType<IPenalty>()],
            Augmentations = augmentations,
            GeneratorOptimizer = generatorOptimizer,
            DiscriminatorOptimizer = discriminatorOptimizer,
            BatchSize = input.BatchSize,
            Condition = input.Data.Condition,
            DiscriminatorSteps = spec.Integer("discriminator_steps", 1),
            GeneratorSteps = spec.Integer("generator_steps", 1),
            Rule = rule,
            Dtype = input.Dtype,
            GeneratorAveraging =
                average == 0 ? null : spec.Part("average", () => new Averaging { Decay = average, RampUp = ramp }),
        };
    }
}
