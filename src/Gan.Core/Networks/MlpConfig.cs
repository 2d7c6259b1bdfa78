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
/// <param name="Outputs">The logits of a point: 1, but for losses of several.</param>
/// <param name="Minibatch">What stands before its last layer.</param>
public sealed record DiscriminatorHead(int Outputs, Minibatch Minibatch)
{
    /// <summary>One logit, each point alone.</summary>
    public static DiscriminatorHead Single { get; } = new(1, Minibatch.None);

    /// <summary>The logits of a point.</summary>
    public int Outputs
    {
        get;
        init => field = Require.Positive(value);
    } = Require.Positive(Outputs);

    /// <summary>A discriminator's body with the minibatch layer before its last, which takes what that adds to [batch, features].</summary>
    internal Sequential Complete(Sequential body, int features)
    {
        ILayer? added = Minibatch switch
        {
            Minibatch.None => null,
            Minibatch.Deviation => new MinibatchStandardDeviation(4),
            Minibatch.Discrimination => new MinibatchDiscrimination(features, 50, 5),
            _ => throw new ArgumentOutOfRangeException(nameof(body), Minibatch, "An unknown minibatch layer."),
        };
        if (added is null)
            return body;
        var more = added is MinibatchDiscrimination discrimination ? discrimination.Kernels : 1;
        return new Sequential([.. body.Layers[..^1], added, Wider(body.Layers[^1], more)]);
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
/// <param name="Widths">The units of the hidden layers.</param>
public sealed record MlpConfig(IReadOnlyList<int> Widths)
{
    /// <summary>What follows each hidden layer.</summary>
    public ILayer Activation { get; init; } = new LeakyRelu(0.2);

    /// <summary>What stands between a hidden layer and its activation.</summary>
    public Normalization Normalization { get; init; }

    /// <summary>What weights are drawn from.</summary>
    public IInitializer Initializer { get; init; } = new FanInUniform();

    /// <summary>How a discriminator ends; a generator ends as its space says.</summary>
    public DiscriminatorHead Head { get; init; } = DiscriminatorHead.Single;

    /// <summary>Dense layers of the widths, each normalized and activated, and a last one that is neither.</summary>
    public Sequential Body(int inputs, int outputs)
    {
        var layers = new List<ILayer>();
        foreach (var width in Widths)
        {
            layers.Add(Dense(inputs, width));
            if (Normalization == Normalization.Batch)
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
