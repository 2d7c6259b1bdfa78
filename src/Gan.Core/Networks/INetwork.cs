namespace Gan.Core;

/// <summary>A player's network: what a game gives weights and buffers.</summary>
public interface INetwork
{
    /// <summary>The data space that it makes or judges.</summary>
    Space Space { get; }

    /// <summary>The space of what it is conditioned on; null for a network that takes no condition.</summary>
    Space? Condition => null;

    /// <summary>True when, in training, a sample's output depends on the other samples of its batch.</summary>
    bool MixesSamples { get; }

    /// <summary>The first weights and buffers, drawn from the key.</summary>
    LayerState Init(RandomKey key, ScalarType dtype);

    /// <summary>The weights as matrices [outputs, rest], by their paths; none of a network that offers none.</summary>
    IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) => [];
}

/// <summary>Generated points, and the generator's buffers after the call.</summary>
public sealed record GeneratorResult(Sample Sample, ParameterTree Buffers);

/// <summary>A network that makes points of a space from latents.</summary>
public interface IGenerator : INetwork
{
    /// <summary>The distribution of its input.</summary>
    LatentPrior Latents { get; }

    /// <summary>Points for [batch, latents], and for the conditions of a network that takes them; null otherwise.</summary>
    GeneratorResult Generate(LayerState state, Tensor latents, Sample? condition, Mode mode, RandomKey key);
}

/// <summary>A discriminator's output, and its buffers after the call.</summary>
public sealed record DiscriminatorResult(DiscriminatorOutput Output, ParameterTree Buffers)
{
    /// <summary>
    /// [batch]: |grad D(u)|^2 at each point u, the gradient of the logit (of the mean logit, where there are several; at each
    /// pack of a discriminator that packs points), over all components. Null where slopes were not asked for.
    /// </summary>
    public Tensor? SquaredGradientNorms { get; init; }
}

/// <summary>A network that judges points of a space: a discriminator; in a Wasserstein game, a critic.</summary>
public interface IDiscriminator : INetwork
{
    /// <summary>How many points it judges at once; batches are multiples of it.</summary>
    int Pack => 1;

    /// <summary>How many logits it gives a point.</summary>
    int LogitCount => 1;

    /// <summary>What its output holds, beside logits.</summary>
    OutputParts Outputs => OutputParts.Logits;

    /// <summary>The output for each point, given the conditions of a network that takes them; null otherwise.</summary>
    DiscriminatorResult Discriminate(LayerState state, Sample sample, Sample? condition, Mode mode, RandomKey key);

    /// <summary>The same, with its slopes, which are differentiable with respect to the weights.</summary>
    DiscriminatorResult DiscriminateWithGradientNorms(
        LayerState state,
        Sample sample,
        Sample? condition,
        Mode mode,
        RandomKey key
    ) => PointGradients.WithNorms(sample, points => Discriminate(state, points, condition, mode, key));
}
