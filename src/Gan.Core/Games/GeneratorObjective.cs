namespace Gan.Core;

/// <summary>
/// The generator's loss on generated points, and on a batch where the loss or a penalty compares the two, and its penalties,
/// whose states are its own.
/// </summary>
public sealed record GeneratorObjective(
    IGenerator Generator,
    IDiscriminator Discriminator,
    IAdversarialLoss Loss,
    ImmutableArray<IPenalty> Penalties,
    ImmutableArray<IAugmentation> Augmentations,
    int BatchSize
) : IObjective
{
    /// <inheritdoc/>
    public bool DrawsData => Loss.GeneratorReadsReal || Penalties.Any(penalty => penalty.ReadsReal);

    /// <inheritdoc/>
    public ParameterTree Init(IReadOnlyList<PlayerState> players, ScalarType dtype) =>
        PenaltyTerms.Init(Penalties, AdversarialGame.Generator, players);

    /// <inheritdoc/>
    public ObjectiveResult Evaluate(ObjectiveInput input)
    {
        var generator = input.Players[AdversarialGame.Generator];
        var discriminator = input.Players[AdversarialGame.Discriminator];
        var count = input.Batch?.Sample.BatchSize ?? BatchSize;
        var condition = input.Batch?.Condition;
        var latents = Generator.Latents.Draw(input.Key.Derive("latents"), count, input.Dtype).On(input.Device);
        var generating = input.Key.Derive("generator");
        var generated = Generator.Generate(generator, latents, condition, Mode.Train, generating);
        var key = input.Key.Derive("discriminator");
        var judge = Augmentations.IsEmpty
            ? Discriminator
            : DiscriminatorObjective.Augmented(Discriminator, Augmentations, input.States[AdversarialGame.Discriminator], input.Step);
        var fake = judge.Discriminate(discriminator, generated.Sample, condition, Mode.Train, key).Output;
        var real = fake;
        if (input.Batch is { } batch)
            using (enable_grad(discriminator.RequiresGradients))
                real = judge.Discriminate(discriminator, batch.Sample, condition, Mode.Train, key.Derive("real")).Output;
        var terms = Penalties.IsEmpty
            ? PenaltyTerms.None
            : PenaltyTerms.Evaluate(
                Penalties,
                new PenaltyInput(
                    new DiscriminatorCalls.Fixed(judge, discriminator, condition, input.Key.Derive("penalized")),
                    input.Batch?.Sample ?? generated.Sample,
                    generated.Sample,
                    input.Key.Derive(PenaltyTerms.Name)
                )
                {
                    RealOutput = real,
                    FakeOutput = fake,
                    Generator = new DiscriminatorCalls.FixedGenerator(Generator, generator, condition, generating),
                    Latents = latents,
                    Weights = generator.Weights,
                    State = input.State,
                    Step = input.Step,
                }
            );
        var loss = Loss.Generator(new LossInput(real, fake) { Step = input.Step, Key = input.Key.Derive("loss") });
        return new ObjectiveResult(
            terms.AddTo(loss),
            ReferenceEquals(generated.Buffers, generator.Buffers)
                ? []
                : [new(AdversarialGame.Generator, generated.Buffers)],
            terms.State,
            input.Measure
                ? new Measurements([
                    new("fake_logit", fake.Logits.detach().mean()),
                    .. terms.Values,
                    .. PenaltyTerms.Numbers(terms.State),
                ])
                : Measurements.Empty
        );
    }
}
