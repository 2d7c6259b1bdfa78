namespace Gan.Core;

/// <summary>A discriminator's objective, and the level of its measurements.</summary>
public sealed record PlacedObjective(string Place, DiscriminatorObjective Objective);

/// <summary>
/// A discriminator's loss on real points and as many generated ones, and its penalties. Its state is the loss's, the
/// penalties' and the augmentations'.
/// </summary>
public sealed record DiscriminatorObjective : IObjective
{
    const string LossState = "loss";
    const string AugmentationState = "augmentation";

    /// <summary>The discriminator's name as a player.</summary>
    public string Discriminator { get; init; } = AdversarialGame.Discriminator;

    /// <summary>The points that it compares, and the players that make them.</summary>
    public required ISampleSource Samples { get; init; }

    /// <summary>The adversarial loss.</summary>
    public required IAdversarialLoss Loss { get; init; }

    /// <summary>Terms added to the loss.</summary>
    public ImmutableArray<IPenalty> Penalties { get; init; } = [];

    /// <summary>Changes of points before the discriminator sees them, in order.</summary>
    public ImmutableArray<IAugmentation> Augmentations { get; init; } = [];

    /// <summary>
    /// The discriminators' objectives of a game, those within sums included, in the order of play; each under the level of
    /// its measurements, as in <c>discriminator</c> or <c>discriminator/first</c>.
    /// </summary>
    public static IReadOnlyList<PlacedObjective> All(Game game)
    {
        return [.. game.Turns.SelectMany(turn => Within(turn.Name, turn.Objective))];

        static IEnumerable<PlacedObjective> Within(string place, IObjective objective) =>
            objective switch
            {
                DiscriminatorObjective own => [new(place, own)],
                SumObjective sum => sum.Parts.SelectMany(part => Within($"{place}/{part.Name}", part.Objective)),
                _ => [],
            };
    }

    /// <inheritdoc/>
    public bool DrawsData(Game game) => true;

    /// <summary>With another loss.</summary>
    public DiscriminatorObjective WithLoss(IAdversarialLoss loss) => this with { Loss = loss };

    /// <inheritdoc/>
    public void Validate(Game game) =>
        new AdversarialFit(game, Discriminator, Samples, Loss, Penalties, Augmentations).Require(GamePart.Penalties);

    /// <inheritdoc/>
    public ParameterTree Init(IReadOnlyList<PlayerState> players, ScalarType dtype) =>
        ParameterTree.Join([
            new(LossState, Loss.Init(dtype)),
            new(PenaltyTerms.Name, PenaltyTerms.Init(Penalties, Discriminator, players)),
            .. Augmentations.Select(
                (augmentation, i) => new NamedTree($"{AugmentationState}/{i}", augmentation.Init(dtype))
            ),
        ]);

    /// <summary>The discriminator that sees augmented points, by this objective's state.</summary>
    internal static IDiscriminator Augmented(
        IDiscriminator discriminator,
        ImmutableArray<IAugmentation> augmentations,
        ParameterTree state,
        long step
    ) =>
        augmentations.IsEmpty
            ? discriminator
            : new AugmentedDiscriminator(discriminator, augmentations, state.Child(AugmentationState), step);

    /// <summary>The loss's part of this objective's state.</summary>
    internal static ParameterTree LossStateOf(ParameterTree state) => state.Child(LossState);

    /// <inheritdoc/>
    public ObjectiveResult Evaluate(ObjectiveInput input)
    {
        var samples = Samples.Draw(input, 0);
        var real = samples.Real!;
        var player = input.Players[Discriminator];
        var given = player.Given(samples.Condition);
        var augmented = Augmented(player.Discriminator, Augmentations, input.State, input.Step);
        var results = DiscriminatorCalls.Both(
            augmented,
            player.State,
            real,
            samples.Fake,
            given,
            Penalties.Aggregate(Loss.Reads, (all, penalty) => all | penalty.Reads),
            Penalties.Aggregate(PenalizedPoints.None, (all, penalty) => all | penalty.Differentiates(input.Step)),
            input.Key.Derive("discriminator")
        );
        var (ofReal, ofFake) = (results.Real, results.Fake);
        var penalties = Penalties.IsEmpty
            ? PenaltyTerms.None
            : PenaltyTerms.Evaluate(
                Penalties,
                new PenaltyInput(
                    new DiscriminatorCalls.Fixed(augmented, player.State, given, input.Key.Derive("penalized")),
                    real,
                    samples.Fake,
                    input.Key.Derive(PenaltyTerms.Name)
                )
                {
                    RealOutput = ofReal.Output,
                    FakeOutput = ofFake.Output,
                    KnownRealSquaredGradientNorms = ofReal.SquaredGradientNorms,
                    KnownFakeSquaredGradientNorms = ofFake.SquaredGradientNorms,
                    Generator = samples.Generator,
                    Latents = samples.Latents,
                    Condition = samples.Condition,
                    Players = input.Players,
                    Player = player,
                    State = input.State.Child(PenaltyTerms.Name),
                    Step = input.Step,
                }
            );
        var loss = Loss.Discriminator(
            new LossInput(ofReal.Output, ofFake.Output)
            {
                Labels = samples.Labels,
                State = LossStateOf(input.State),
                Step = input.Step,
                Key = input.Key.Derive("loss"),
            }
        );
        var state = NextState(input, loss, penalties, ofReal.Output);
        return new ObjectiveResult(
            penalties.AddTo(loss.Value),
            TurnBuffers.Changed(Discriminator, player, ofFake.Buffers),
            state,
            input.Measure
                ? new Measurements([
                    .. Logits(ofReal.Output.Logits.detach(), ofFake.Output.Logits.detach()),
                    .. loss.Measurements.Entries,
                    .. penalties.Measurements,
                    .. PenaltyTerms.Numbers(state),
                ])
                : Measurements.Empty
        );
    }

    ParameterTree NextState(ObjectiveInput input, Term loss, PenaltyTerms penalties, DiscriminatorOutput ofReal)
    {
        if (input.State.Count == 0)
            return input.State;
        return ParameterTree.Join([
            new(LossState, loss.State ?? LossStateOf(input.State)),
            new(PenaltyTerms.Name, penalties.State),
            .. Augmentations.Select(
                (augmentation, i) =>
                {
                    var name = $"{AugmentationState}/{i}";
                    var state = input.State.Child(AugmentationState).Child($"{i}");
                    var context = new AugmentationContext(state, input.Step, input.Key.Derive(name));
                    return new NamedTree(name, augmentation.Adapt(ofReal, context));
                }
            ),
        ]);
    }

    static NamedTensor[] Logits(Tensor real, Tensor fake)
    {
        var (realMean, fakeMean) = (real.mean(), fake.mean());
        var threshold = (realMean + fakeMean) * 0.5;
        // Classification accuracy at the threshold halfway between the mean real and mean fake logit.
        var above =
            (real - threshold).gt(0).to_type(real.dtype).mean() - (fake - threshold).gt(0).to_type(real.dtype).mean();
        return [new("real_logit", realMean), new("fake_logit", fakeMean), new("accuracy", above.abs() * 0.5 + 0.5)];
    }
}
