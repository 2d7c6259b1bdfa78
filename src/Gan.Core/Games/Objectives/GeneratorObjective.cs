namespace Gan.Core;

/// <summary>
/// The loss of the players that make points against a discriminator, and its penalties, whose states are its own. It draws
/// a batch where the loss, a penalty or a generator reads real points or conditions.
/// </summary>
/// <remarks>
/// Where real points are made by a network too (<see cref="ISampleSource.TrainsReal"/>), that network is trained to make the
/// discriminator take them for generated ones: a loss that does not read real logits is added once more with the kinds
/// exchanged and the logits negated.
/// </remarks>
public sealed record GeneratorObjective : IObjective
{
    /// <summary>The discriminator's name as a player.</summary>
    public string Discriminator { get; init; } = AdversarialGame.Discriminator;

    /// <summary>
    /// Where the state of the discriminator's objective is, whose augmentations and loss this one reads: the turn, and within
    /// a sum the name of its part. Where nothing else is said, the turn that is named as the discriminator.
    /// </summary>
    public ImmutableArray<string> DiscriminatorState
    {
        get => field.IsDefault ? [Discriminator] : field;
        init;
    }

    /// <summary>The points, and the players that make them.</summary>
    public required ISampleSource Samples { get; init; }

    /// <summary>The adversarial loss.</summary>
    public required IAdversarialLoss Loss { get; init; }

    /// <summary>Terms added to the loss.</summary>
    public ImmutableArray<IPenalty> Penalties { get; init; } = [];

    /// <summary>The augmentations of the discriminator's objective.</summary>
    public ImmutableArray<IAugmentation> Augmentations { get; init; } = [];

    /// <summary>The player whose weights penalties read; the first of the turn's own.</summary>
    public string Penalized { get; init; } = AdversarialGame.Generator;

    /// <summary>How many points to make in a turn that draws no data.</summary>
    public int BatchSize
    {
        get;
        init => field = Require.Positive(value);
    } = 64;

    /// <inheritdoc/>
    public bool DrawsData(Game game) =>
        Samples.TrainsReal
        || Samples.NeedsData(game)
        || Loss.GeneratorReadsReal
        || Penalties.Any(penalty => penalty.ReadsReal);

    /// <summary>With another loss.</summary>
    public GeneratorObjective WithLoss(IAdversarialLoss loss) => this with { Loss = loss };

    /// <inheritdoc/>
    public void Validate(Game game)
    {
        var fit = new AdversarialFit(game, Discriminator, Samples, Loss, Penalties, Augmentations);
        fit.Require(GamePart.GeneratorPenalties);
        fit.RequireBatch(BatchSize);
        if (Samples.TrainsReal && !Loss.GeneratorReadsReal)
            fit.RequireExchangeable();
        if (!game.Players.Any(player => player.Name == Penalized))
            throw new ArgumentException($"Unknown player '{Penalized}'. Players: {game.PlayerNames}");
    }

    /// <inheritdoc/>
    public ParameterTree Init(IReadOnlyList<PlayerState> players, ScalarType dtype) =>
        PenaltyTerms.Init(Penalties, Penalized, players);

    /// <inheritdoc/>
    public ObjectiveResult Evaluate(ObjectiveInput input)
    {
        var samples = Samples.Draw(input, BatchSize);
        var player = input.Players[Discriminator];
        var given = player.Given(samples.Condition);
        var key = input.Key.Derive("discriminator");
        var ofDiscriminator = DiscriminatorState
            .Skip(1)
            .Aggregate(
                input.States.GetValueOrDefault(DiscriminatorState[0], ParameterTree.Empty),
                (state, part) => state.Child(part)
            );
        var augmented = DiscriminatorObjective.Augmented(
            player.Discriminator,
            Augmentations,
            ofDiscriminator,
            input.Step
        );
        var fake = augmented.Discriminate(player.State, samples.Fake, given, Mode.Train, key).Output;
        var real = fake;
        if (samples.Real is { } points)
            using (enable_grad(player.State.RequiresGradients || Samples.TrainsReal))
                real = augmented.Discriminate(player.State, points, given, Mode.Train, key.Derive("real")).Output;
        var penalties = Penalties.IsEmpty
            ? PenaltyTerms.None
            : PenaltyTerms.Evaluate(
                Penalties,
                new PenaltyInput(
                    new DiscriminatorCalls.Fixed(augmented, player.State, given, input.Key.Derive("penalized")),
                    samples.Real ?? samples.Fake,
                    samples.Fake,
                    input.Key.Derive(PenaltyTerms.Name)
                )
                {
                    RealOutput = real,
                    FakeOutput = fake,
                    Generator = samples.Generator,
                    Latents = samples.Latents,
                    Condition = samples.Condition,
                    Players = input.Players,
                    Player = input.Players[Penalized],
                    State = input.State,
                    Step = input.Step,
                }
            );
        var loss = Value(real, fake);
        return new ObjectiveResult(
            penalties.AddTo(loss.Value),
            samples.Buffers,
            penalties.State,
            input.Measure
                ? new Measurements([
                    new("fake_logit", fake.Logits.detach().mean()),
                    .. loss.Measurements.Entries,
                    .. penalties.Measurements,
                    .. PenaltyTerms.Numbers(penalties.State),
                ])
                : Measurements.Empty
        );

        Term Value(DiscriminatorOutput ofReal, DiscriminatorOutput ofFake)
        {
            var term = Loss.Generator(InputOf(ofReal, ofFake));
            return !Samples.TrainsReal || Loss.GeneratorReadsReal
                ? term
                : term with
                {
                    Value = term.Value + Loss.Generator(InputOf(ofFake.Negated(), ofReal.Negated())).Value,
                };
        }

        LossInput InputOf(DiscriminatorOutput ofReal, DiscriminatorOutput ofFake) =>
            new(ofReal, ofFake)
            {
                State = DiscriminatorObjective.LossStateOf(ofDiscriminator),
                Step = input.Step,
                Key = input.Key.Derive("loss"),
            };
    }
}
