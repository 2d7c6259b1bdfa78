namespace Gan.Core;

/// <summary>How steep a discriminator is where it is trained, which its penalties hold in bounds.</summary>
/// <param name="Real">E |grad D(x)|^2 over real points x.</param>
/// <param name="Fake">E |grad D(G(z))|^2 over generated ones.</param>
/// <remarks>The two are alike where training is stable (Huang et al., 2024).</remarks>
public sealed record GradientNorms(double Real, double Fake)
{
    /// <summary>The norms at the points of a batch, the discriminator in use: no statistic of the batch enters it.</summary>
    /// <param name="game">The game.</param>
    /// <param name="state">The state.</param>
    /// <param name="objective">The discriminator's objective in the game.</param>
    /// <param name="batch">The batch, on the game's device.</param>
    /// <param name="key">The randomness of the generated points.</param>
    public static GradientNorms Of(
        Game game,
        GameState state,
        DiscriminatorObjective objective,
        Batch batch,
        RandomKey key
    )
    {
        using var scope = NewDisposeScope();
        var players = game.Bind(state);
        var input = new ObjectiveInput(
            players,
            ParameterTree.Empty,
            ImmutableDictionary<string, ParameterTree>.Empty,
            batch,
            key,
            state.Step,
            game.Dtype,
            game.Device,
            Measure: false
        );
        var samples = objective.Samples.Draw(input, batch.Sample.BatchSize);
        var player = players[objective.Discriminator];
        return new GradientNorms(Mean(samples.Real!), Mean(samples.Fake));

        double Mean(Sample points)
        {
            var given = player.Given(samples.Condition);
            var result = player.Discriminator.DiscriminateWithGradientNorms(
                player.State,
                points,
                given,
                Mode.Evaluate,
                key
            );
            return result.SquaredGradientNorms!.mean().to_type(ScalarType.Float64).item<double>();
        }
    }
}
