namespace Gan.Core;

/// <summary>What stands between a hidden layer of a network and its activation.</summary>
public enum Normalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Batch normalization.</summary>
    Batch,

    /// <summary>Layer normalization.</summary>
    Layer,

    /// <summary>Spectral normalization of every weight, the last layer's included.</summary>
    Spectral,
}

/// <summary>What stands before the last layer of a discriminator, so that it sees its points together.</summary>
public enum Minibatch
{
    /// <summary>Nothing: each point alone.</summary>
    None,

    /// <summary>The standard deviation over groups of 4 points.</summary>
    Deviation,

    /// <summary>Minibatch discrimination, of 50 kernels in 5 dimensions.</summary>
    Discrimination,
}

/// <summary>How a discriminator ends.</summary>
public sealed record DiscriminatorHead
{
    const int Kernels = 50;

    /// <summary>One logit, each point alone.</summary>
    public static DiscriminatorHead Single { get; } = new();

    /// <summary>The logits of a point: 1, but for losses of several.</summary>
    public int Outputs
    {
        get;
        init => field = Require.Positive(value);
    } = 1;

    /// <summary>What stands before its last layer.</summary>
    public Minibatch Minibatch { get; init; }

    /// <summary>The numbers that the minibatch layer adds to the features.</summary>
    internal int Added =>
        Minibatch switch
        {
            Minibatch.None => 0,
            Minibatch.Deviation => 1,
            Minibatch.Discrimination => Kernels,
            _ => throw new ArgumentOutOfRangeException(nameof(Minibatch), Minibatch, "An unknown minibatch layer."),
        };

    /// <summary>A discriminator's body with the minibatch layer before its last, which takes what that adds to [batch, features].</summary>
    internal Sequential Complete(Sequential body, int features)
    {
        if (Added == 0)
            return body;
        ILayer layer =
            Minibatch == Minibatch.Deviation
                ? new MinibatchStandardDeviation()
                : new MinibatchDiscrimination(features, Kernels, 5);
        return new Sequential([.. body.Layers[..^1], layer, Wider(body.Layers[^1], Added)]);
    }

    static ILayer Wider(ILayer last, int more) =>
        last switch
        {
            Linear linear => linear with { Inputs = linear.Inputs + more },
            SpectralNorm { Inner: Linear linear } => new SpectralNorm(linear with { Inputs = linear.Inputs + more }),
            _ => throw new ArgumentException($"A minibatch layer stands before a linear one; got {last}."),
        };
}

/// <summary>A multilayer perceptron, but for what goes in and comes out.</summary>
public sealed record MlpConfig
{
    /// <summary>The units of the hidden layers.</summary>
    public required IReadOnlyList<int> Widths { get; init; }

    /// <summary>What follows each hidden layer.</summary>
    public ILayer Activation { get; init; } = new LeakyRelu();

    /// <summary>What stands between a hidden layer and its activation.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>What weights are drawn from.</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    /// <summary>How a discriminator ends; a generator ends as its space says.</summary>
    public DiscriminatorHead Head { get; init; } = DiscriminatorHead.Single;

    /// <summary>How it is conditioned.</summary>
    public ConditionConfig Condition { get; init; } = ConditionConfig.None;

    /// <summary>Dense layers of the widths, each normalized and activated, and a last one that is neither.</summary>
    public Sequential Body(int inputs, int outputs) => Body(inputs, outputs, conditions: 0);

    /// <summary>The same; with normalizations that read a condition of some numbers, where there are any.</summary>
    internal Sequential Body(int inputs, int outputs, int conditions)
    {
        var layers = new List<ILayer>();
        foreach (var width in Widths)
        {
            layers.Add(Dense(inputs, width));
            if (conditions > 0)
                layers.Add(new ConditionalBatchNorm(width, conditions));
            else if (Normalization == Normalization.Batch)
                layers.Add(new BatchNorm(width));
            if (Normalization == Normalization.Layer)
                layers.Add(new LayerNorm(width));
            layers.Add(Activation);
            inputs = width;
        }
        layers.Add(Dense(inputs, outputs));
        return new Sequential([.. layers]);
    }

    ILayer Dense(int from, int to) =>
        SpectralNorm.Where(Normalization, new Linear(from, to) { Initializer = Initializer });
}
