namespace Gan.Core;

/// <summary>The numbers of Adam's direction.</summary>
public abstract record AdamMoments
{
    /// <summary>How much of the first moment stays.</summary>
    public double Beta1
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = 0.9;

    /// <summary>How much of the second moment stays.</summary>
    public double Beta2
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = 0.999;

    /// <summary>What is added to the root of the second moment.</summary>
    public double Epsilon
    {
        get;
        init => field = Require.Positive(value);
    } = 1e-8;
}

/// <summary>Adam's numbers. Equality is of the values.</summary>
public sealed record AdamConfig : AdamMoments
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
        var direction = new ScaleByAdam
        {
            Beta1 = config.Beta1,
            Beta2 = config.Beta2,
            Epsilon = config.Epsilon,
        };
        var rate = new ScaleByLearningRate(new Constant(config.LearningRate));
        return config.WeightDecay > 0
            ? new Chain(direction, new AddDecayedWeights { Coefficient = config.WeightDecay }, rate)
            : new Chain(direction, rate);
    }

    /// <summary>Stochastic gradient descent, with momentum where that is not zero.</summary>
    public static Chain Sgd(double learningRate, double momentum)
    {
        var rate = new ScaleByLearningRate(new Constant(Require.NotNegative(learningRate)));
        return momentum == 0 ? new Chain(rate) : new Chain(new Trace { Decay = momentum }, rate);
    }

    /// <summary>RMSProp without momentum.</summary>
    public static Chain RmsProp(double learningRate, double decay) =>
        new(new ScaleByRms { Decay = decay }, new ScaleByLearningRate(new Constant(Require.NotNegative(learningRate))));
}
