namespace Gan.Core;

/// <summary>A network with the weights and buffers that it has in a turn.</summary>
/// <param name="Network">The network.</param>
/// <param name="State">Its weights and buffers.</param>
public sealed record BoundNetwork(INetwork Network, LayerState State)
{
    /// <summary>The network as one that makes points.</summary>
    /// <exception cref="InvalidCastException">It makes none.</exception>
    public IGenerator Generator => (IGenerator)Network;

    /// <summary>The network as one that judges points.</summary>
    /// <exception cref="InvalidCastException">It judges none.</exception>
    public IDiscriminator Discriminator => (IDiscriminator)Network;

    /// <summary>The condition, where the network takes one.</summary>
    internal Sample? Given(Sample? condition) => Network.Condition is null ? null : condition;

    /// <summary>What it makes of latents, in training. The graph of its gradient is kept where its weights ask for one.</summary>
    public GeneratorResult Generate(Tensor latents, Sample? condition, RandomKey key)
    {
        using (enable_grad(State.RequiresGradients))
            return Generator.Generate(State, latents, Given(condition), Mode.Train, key);
    }
}
