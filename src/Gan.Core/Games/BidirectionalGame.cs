namespace Gan.Core;

/// <summary>BiGAN: a generator and an encoder, in one turn, against a discriminator of pairs of points and latents.</summary>
/// <remarks>Donahue, Kraehenbuehl and Darrell, 2017; Dumoulin et al., 2017.</remarks>
public static class BidirectionalGame
{
    /// <summary>The encoder's name as a player.</summary>
    public const string Encoder = "encoder";

    /// <summary>The game of the networks.</summary>
    /// <param name="generator">Makes points of latents.</param>
    /// <param name="encoder">Makes vectors of the latents' size of points, its condition.</param>
    /// <param name="discriminator">Judges <see cref="InferredPairs.Pairs"/>.</param>
    /// <param name="config">The rest of the game.</param>
    /// <exception cref="RefusedException">The networks do not fit, or the loss gives the encoder nothing to minimize.</exception>
    public static Game Create(
        IGenerator generator,
        IGenerator encoder,
        IDiscriminator discriminator,
        AdversarialConfig config
    ) =>
        AdversarialGame.Create(
            [(AdversarialGame.Generator, generator), (Encoder, encoder)],
            discriminator,
            new InferredPairs { Encoder = Encoder },
            config
        );
}
