namespace Gan.Experiments;

/// <summary>What an experiment gives the system that makes its game.</summary>
/// <param name="Data">The data.</param>
/// <param name="BatchSize">Points in a batch.</param>
/// <param name="Dtype">The element type.</param>
public sealed record SystemInput(DatasetSource Data, int BatchSize, ScalarType Dtype);

/// <summary>A generator whose points are looked at: in pictures, in metrics, by <c>gan sample</c>.</summary>
/// <param name="Player">Its name as a player.</param>
/// <param name="Data">The real points that its own are held against, and its conditions.</param>
public sealed record SampledGenerator(string Player, BatchView Data);

/// <summary>A game, and the generators in it whose points are looked at.</summary>
/// <param name="Game">The game.</param>
/// <param name="Samples">The generators, the most important one first.</param>
public sealed record SystemGame(Game Game, IReadOnlyList<SampledGenerator> Samples);

/// <summary>Makes a game of a spec: it says which networks, losses and data it wants.</summary>
public interface ISystem
{
    /// <summary>Reads the game's keys from a spec's first level, and makes the game.</summary>
    /// <exception cref="RefusedException">Parts do not fit; the message says which.</exception>
    SystemGame Create(SpecReader spec, SystemInput input);
}
