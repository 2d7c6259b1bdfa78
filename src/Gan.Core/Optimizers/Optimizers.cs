namespace Gan.Core;

/// <summary>The numbers of Adam's direction.</summary>
public abstract record AdamMoments(double Beta1, double Beta2, double Epsilon)
{
    /// <summary>How much of the first moment stays.</summary>
    public double Beta1
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = Require.InHalfOpenRange(Beta1, 0, 1);

    /// <summary>How much of the second moment stays.</summary>
    public double Beta2
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = Require.InHalfOpenRange(Beta2, 0, 1);

    /// <summary>What is added to the root of the second moment.</summary>
    public double Epsilon
    {
        get;
        init => field = Require.Positive(value);
    } = Require.Positive(Epsilon);
}

/// <summary>Adam's numbers. Equality is of the values.</summary>
public sealed record AdamConfig() : AdamMoments(Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8)
{
    /// <summary>The learning rate.</summary>
    public double LearningRate
    {
        get;
        init => field = Require.NotNegative(value);
    } = 1e-3;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay
    {
        get;
        init => field = Require.NotNegative(value);
    }

    /// <summary>With another learning rate.</summary>
    public AdamConfig WithLearningRate(double learningRate) => this with { LearningRate = learningRate };

    /// <summary>With other betas.</summary>
    public AdamConfig WithBetas(double beta1, double beta2) => this with { Beta1 = beta1, Beta2 = beta2 };

    /// <summary>With decoupled weight decay: AdamW.</summary>
    public AdamConfig WithWeightDecay(double weightDecay) => this with { WeightDecay = weightDecay };
}

/// <summary>The known optimizers as chains.</summary>
public static class Optimizers
{
    /// <summary>Adam; with a weight decay, AdamW.</summary>
    public static Chain Adam(AdamConfig config)
    {
        var direction = new ScaleByAdam(config.Beta1, config.Beta2, config.Epsilon);
        var rate = new ScaleByLearningRate(new Constant(config.LearningRate));
        return config.WeightDecay > 0
            ? new Chain(direction, new AddDecayedWeights(config.WeightDecay), rate)
            : new Chain(direction, rate);
    }

    /// <summary>Stochastic gradient descent, with momentum where that is not zero.</summary>
    public static Chain Sgd(double learningRate, double momentum)
    {
        var rate = new ScaleByLearningRate(new Constant(Require.NotNegative(learningRate)));
        return momentum == 0 ? new Chain(rate) : new Chain(new Trace(momentum), rate);
    }

    /// <summary>RMSProp without momentum.</summary>
    public static Chain RmsProp(double learningRate, double decay) =>
        new(new ScaleByRms(decay, 1e-8), new ScaleByLearningRate(new Constant(Require.NotNegative(learningRate))));
}
