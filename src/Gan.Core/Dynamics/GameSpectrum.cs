namespace Gan.Core;

/// <summary>The leading eigenvalues of one player's own curvature, v' restricted to its weights: of minus its Hessian.</summary>
public sealed record PlayerSpectrum(string Player, ImmutableArray<Eigenvalue> Leading);

/// <summary>
/// How a game moves near a state: the leading eigenvalues of v', the Jacobian of its vector field v = -g. Small steps of all
/// players at once are drawn in where all real parts are negative, and turn where there are imaginary ones.
/// </summary>
/// <param name="Weights">The number of weights.</param>
/// <param name="Exact">Whether all eigenvalues were found, by as many products as there are weights.</param>
/// <param name="Leading">The eigenvalues of v' of largest absolute value.</param>
/// <param name="Players">Those of the players' own blocks.</param>
/// <param name="Rotation">
/// |A|^2 / (|S|^2 + |A|^2), Frobenius norms of v' = S + A, S = (v' + v'^T)/2: 0 for players who descend one potential, 1
/// for a game that only turns. An estimate over as many random directions as products where the spectrum is not exact.
/// </param>
/// <remarks>
/// Mescheder, Nowozin and Geiger, 2017; Balduzzi et al., 2018, for the two parts; Berard et al., 2020, for the spectra of
/// the blocks.
/// </remarks>
public sealed record GameSpectrum(
    int Weights,
    bool Exact,
    ImmutableArray<Eigenvalue> Leading,
    ImmutableArray<PlayerSpectrum> Players,
    double Rotation
)
{
    /// <summary>The spectrum at a state, on given batches.</summary>
    /// <param name="game">The game.</param>
    /// <param name="state">The state.</param>
    /// <param name="batches">The batches of one step: the larger, the less noise.</param>
    /// <param name="count">How many eigenvalues to return of each kind.</param>
    /// <param name="dimensions">How many products to make for each: as many as weights for exact ones.</param>
    public static GameSpectrum Of(Game game, GameState state, IReadOnlyList<Batch> batches, int count, int dimensions)
    {
        using var scope = NewDisposeScope();
        var field = VectorField.At(game, state, batches);
        var key = state.Root.Derive("spectrum");
        return new GameSpectrum(
            field.Length,
            dimensions >= field.Length,
            [.. Arnoldi.Leading(field.Product, from => Random(from, field.Length), key, count, dimensions)],
            [.. field.Blocks.Select(block => new PlayerSpectrum(block.Player, [.. OfBlock(block)]))],
            RotationOf(field, key, Math.Min(dimensions, field.Length), game)
        );

        Tensor Random(RandomKey from, int length) => from.Normal(game.Dtype, length).On(game.Device);

        IReadOnlyList<Eigenvalue> OfBlock(FieldBlock block)
        {
            var own = key.Derive(block.Player);
            return Arnoldi.Leading(Restricted, from => Random(from, block.Length), own, count, dimensions);

            Tensor Restricted(Tensor direction)
            {
                var before = zeros([block.Start], game.Dtype, game.Device);
                var after = zeros([field.Length - block.Start - block.Length], game.Dtype, game.Device);
                return field.Product(cat([before, direction, after])).narrow(0, block.Start, block.Length);
            }
        }
    }

    // |S u|^2 and |A u|^2 are |S|^2 and |A|^2 in the mean over normal u, and their sums over the unit vectors.
    static double RotationOf(VectorField field, RandomKey key, int probes, Game game)
    {
        var exact = probes == field.Length;
        double symmetric = 0;
        double antisymmetric = 0;
        for (var i = 0; i < probes; i++)
        {
            using var scope = NewDisposeScope();
            var direction = exact
                ? arange(field.Length, ScalarType.Int64, game.Device).eq(i).to_type(game.Dtype)
                : key.Derive("probe").Derive(i).Normal(game.Dtype, field.Length).On(game.Device);
            var (along, back) = (field.Product(direction), field.TransposedProduct(direction));
            symmetric += Vectors.Dot(along + back, along + back);
            antisymmetric += Vectors.Dot(along - back, along - back);
        }
        return symmetric + antisymmetric == 0 ? 0 : antisymmetric / (symmetric + antisymmetric);
    }
}
