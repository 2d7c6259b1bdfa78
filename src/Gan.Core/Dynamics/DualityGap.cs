namespace Gan.Core;

/// <summary>How to look for the worst opponents.</summary>
public sealed record DualityGapConfig
{
    /// <summary>The updates that each gets.</summary>
    public int Steps
    {
        get;
        init => field = Require.Positive(value);
    } = 100;

    /// <summary>
    /// lambda of the proximal gap; null for the plain one. The worst generator then plays against a discriminator that answers it,
    /// held by lambda E |grad D~ - grad D|^2 near the one that is judged.
    /// </summary>
    public double? Proximity
    {
        get;
        init => field = value is { } weight ? Require.NotNegative(weight) : null;
    }

    /// <summary>The answers of that discriminator to each update of the generator.</summary>
    public int Answers
    {
        get;
        init => field = Require.Positive(value);
    } = 5;
}

/// <summary>
/// The duality gap of a generator G and a discriminator D in the zero-sum game of value V = -(discriminator's loss, without penalties): max
/// over D' of V(G, D') less min over G' of V(G', D). It is 0 at an equilibrium and above it otherwise, for any data; and each
/// part says whose turn it is: how much a better discriminator, or a better generator, would gain.
/// </summary>
/// <param name="Gap">The gap.</param>
/// <param name="WorstDiscriminator">V(G, D_worst).</param>
/// <param name="WorstGenerator">V(G_worst, D); of the proximal gap, the proximal value there.</param>
/// <param name="Value">V(G, D).</param>
/// <remarks>
/// Grnarova et al., 2019; the proximal one, Sidheekh et al., 2021. The worst opponents are found by the players' own
/// optimizers from where they are, so the gap is a lower estimate.
/// </remarks>
public sealed record DualityGap(double Gap, double WorstDiscriminator, double WorstGenerator, double Value)
{
    /// <summary>The gap at a state of a game of one generator against one discriminator.</summary>
    /// <param name="game">The game.</param>
    /// <param name="state">The state, which stays as it is.</param>
    /// <param name="train">Batches that the worst opponents are found on: they are gone through again and again.</param>
    /// <param name="test">Batches that the values are taken on.</param>
    /// <param name="config">How far to look.</param>
    public static DualityGap Of(
        Game game,
        GameState state,
        IReadOnlyList<Batch> train,
        IReadOnlyList<Batch> test,
        DualityGapConfig config
    )
    {
        using var scope = NewDisposeScope();
        var number = game.Turns.Select(turn => turn.Objective is DiscriminatorObjective).ToList().IndexOf(true);
        if (number < 0)
            throw new ArgumentException(
                "A duality gap needs a turn with a discriminator's objective; this game has none."
            );
        // Augmentations are a means of training; the value is that of the points themselves.
        var objective = (DiscriminatorObjective)game.Turns[number].Objective with
        {
            Augmentations = [],
        };
        var bare = objective with { Penalties = [] };
        var here = Value(state, bare);
        var worstDiscriminator = Value(Play(state, DiscriminatorTurn(objective), config.Steps), bare);
        double worstGenerator;
        if (config.Proximity is { } weight)
        {
            var discriminator = state.Player(objective.Discriminator).Network;
            var near = new Proximity(
                new DiscriminatorCalls.Fixed(
                    game.Network<IDiscriminator>(objective.Discriminator),
                    discriminator,
                    null,
                    default
                ),
                weight
            );
            var answering = objective with { Penalties = [.. objective.Penalties, near] };
            var worst = state;
            for (var step = 0; step < config.Steps; step++)
            {
                worst = Play(worst, DiscriminatorTurn(answering), config.Answers);
                worst = Play(worst, GeneratorTurn(bare), 1);
            }
            worst = Play(worst, DiscriminatorTurn(answering), config.Answers);
            worstGenerator = Value(worst, bare with { Penalties = [near] });
        }
        else
            worstGenerator = Value(Play(state, GeneratorTurn(bare), config.Steps), bare);
        return new DualityGap(worstDiscriminator - worstGenerator, worstDiscriminator, worstGenerator, here);

        static Turn DiscriminatorTurn(DiscriminatorObjective objective) =>
            Turn.Of(AdversarialGame.Discriminator, objective);

        static Turn GeneratorTurn(DiscriminatorObjective objective) =>
            Turn.Of(AdversarialGame.Generator, new Against(objective));

        // One player's updates alone, from the loss's and the penalties' own states.
        GameState Play(GameState start, Turn turn, int steps)
        {
            var alone = new Game(game.Players, [turn], new Alternating(), game.Dtype) { Device = game.Device };
            var played = start with { Objectives = [state.Objectives[number]], Rule = ParameterTree.Empty };
            for (var step = 0; step < steps; step++)
            {
                using var inner = NewDisposeScope();
                var next = Step.Run(alone, played, [train[(int)(played.Step % train.Count)]]).State;
                inner.MoveToOuter(next.Tensors);
                // The states between are ours; the first is the caller's.
                if (step > 0)
                    played.Dispose();
                played = next;
            }
            return played with { Objectives = start.Objectives, Rule = start.Rule };
        }

        double Value(GameState at, DiscriminatorObjective of)
        {
            var players = game.Bind(at);
            return -test.Select(
                    (batch, i) =>
                    {
                        using var inner = NewDisposeScope();
                        var input = new ObjectiveInput(
                            players,
                            state.Objectives[number],
                            ImmutableDictionary<string, ParameterTree>.Empty,
                            batch,
                            state.Root.Derive("duality gap").Derive(i),
                            at.Step,
                            game.Dtype,
                            game.Device,
                            Measure: false
                        );
                        return of.Evaluate(input).Loss.detach().to_type(ScalarType.Float64).item<double>();
                    }
                )
                .Average();
        }
    }

    /// <summary>The generator's side of the zero-sum game: it raises the discriminator's loss.</summary>
    sealed record Against(DiscriminatorObjective Inner) : IObjective
    {
        public bool DrawsData(Game game) => true;

        public ObjectiveResult Evaluate(ObjectiveInput input)
        {
            var result = Inner.Evaluate(input);
            return result with { Loss = result.Loss.neg(), Buffers = [] };
        }
    }

    /// <summary>Coefficient E |grad D~ - grad D|^2 over real and generated points.</summary>
    sealed record Proximity(IDiscriminatorFunction Anchor, double Coefficient) : IPenalty
    {
        public Term Evaluate(PenaltyInput input) =>
            new(
                (Distance(input.Discriminator, input.Real) + Distance(input.Discriminator, input.Fake))
                    * (Coefficient / 2)
            );

        Tensor Distance(IDiscriminatorFunction discriminator, Sample points) =>
            ((IDiscriminatorFunction)new Difference(discriminator, Anchor)).SquaredGradientNorms(points).mean();

        sealed class Difference(IDiscriminatorFunction first, IDiscriminatorFunction second) : IDiscriminatorFunction
        {
            public DiscriminatorOutput Discriminate(Sample sample) =>
                new(first.Discriminate(sample).Logits - second.Discriminate(sample).Logits);
        }
    }
}
