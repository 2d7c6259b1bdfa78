namespace Gan.Core;

/// <summary>What stands between a hidden layer of a network and its activation.</summary>
public enum Normalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Batch normalisation.</summary>
    Batch,

    /// <summary>Layer normalisation.</summary>
    Layer,
}

/// <summary>Multilayer perceptrons for any space: the sample is flattened, the hidden layers are dense.</summary>
public static class Mlp
{
    /// <summary>A generator: latents, hidden layers of the widths, and the space's head.</summary>
    public static LayeredGenerator Generator(
        LatentPrior latents,
        Space space,
        IReadOnlyList<int> widths,
        ILayer activation,
        Normalization normalization
    ) => new(latents, Body(latents.Size, widths, space.Size, activation, normalization), space);

    /// <summary>A critic: the sample flattened, hidden layers of the widths, one logit.</summary>
    public static LayeredCritic Critic(
        Space space,
        IReadOnlyList<int> widths,
        ILayer activation,
        Normalization normalization
    ) => new(Body(space.Size, widths, 1, activation, normalization), space, Flat: true);

    /// <summary>Dense layers of the widths, each normalised and activated, and a last one that is neither.</summary>
    public static Sequential Body(
        int inputs,
        IReadOnlyList<int> widths,
        int outputs,
        ILayer activation,
        Normalization normalization
    )
    {
        var layers = new List<ILayer>();
        foreach (var width in widths)
        {
            layers.Add(new Linear(inputs, width));
            if (normalization == Normalization.Batch)
                layers.Add(new BatchNorm(width));
            if (normalization == Normalization.Layer)
                layers.Add(new LayerNorm(width));
            layers.Add(activation);
            inputs = width;
        }
        layers.Add(new Linear(inputs, outputs));
        return new Sequential([.. layers]);
    }
}
