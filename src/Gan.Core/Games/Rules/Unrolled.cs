namespace Gan.Core;

/// <summary>
/// Unrolled GAN: turn after turn, but the leader's gradient is that of its objective after the follower has answered it
/// with Steps plain gradient steps of size LearningRate, on the first batch of its turn, and goes through those steps. The answer
/// is then forgotten: the follower moves in its own turn, by its own optimizer. 0 steps is alternating.
/// </summary>
/// <remarks>Metz et al., 2017. It needs second derivatives of the follower's objective.</remarks>
public sealed record Unrolled : IUpdateRule
{
    /// <summary>The steps that the follower is thought ahead.</summary>
    public int Steps
    {
        get;
        init => field = Require.NotNegative(value);
    } = 5;

    /// <summary>The size of those steps.</summary>
    public double LearningRate
    {
        get;
        init => field = Require.Positive(value);
    } = 1e-3;

    /// <summary>The player that looks ahead, in the turn of its name.</summary>
    public string Leader { get; init; } = AdversarialGame.Generator;

    /// <summary>The player that is thought ahead, in the turn of its name.</summary>
    public string Follower { get; init; } = AdversarialGame.Discriminator;

    /// <inheritdoc/>
    public void Validate(Game game)
    {
        foreach (var name in new[] { Leader, Follower })
            if (!game.Turns.Any(turn => turn.Name == name && turn.Players.SequenceEqual([name])))
                throw new ArgumentException($"Unrolling needs a turn of '{name}' alone; this game has none.");
    }

    /// <inheritdoc/>
    public StepResult Advance(StepInput input) => Alternating.Play(input, Gradients);

    TurnGradients Gradients(StepInput input, GameState state, int turn, int repeat, Batch? batch)
    {
        if (input.Game.Turns[turn].Name != Leader || Steps == 0)
            return Turns.Gradients(input, state, turn, repeat, batch);
        using var scope = NewDisposeScope();
        var follower = input.Game.Turns.IndexOf(input.Game.Turns.First(played => played.Name == Follower));
        var data = input.BatchOf(follower, 0);
        var players = state.Players.ToDictionary(
            player => player.Name,
            player => player.Name == Leader ? player.Network.WithLeaves() : player.Network
        );
        for (var step = 0; step < Steps; step++)
        {
            var answer = Turns.Gradients(input, state, players, follower, repeat + step, data, createGraph: true);
            var network = players[Follower];
            players[Follower] = network with
            {
                Weights = network.Weights.Zip(
                    answer.Gradients[0].Tree,
                    (weight, slope) => weight - slope * LearningRate
                ),
            };
        }
        var gradients = Turns.Gradients(input, state, players, turn, repeat, batch, createGraph: false);
        scope.MoveToOuter(gradients.Tensors);
        return gradients;
    }
}
