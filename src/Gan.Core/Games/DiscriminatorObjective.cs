namespace Gan.Core;

/// <summary>
/// The discriminator's loss on a batch and as many generated points, and its penalties. Its state is the loss's, the penalties'
/// and the augmentations'.
/// </summary>
public sealed record DiscriminatorObjective(
    IGenerator Generator,
    IDiscriminator Discriminator,
    IAdversarialLoss Loss,
    ImmutableArray<IPenalty> Penalties,
    ImmutableArray<IAugmentation> Augmentations
) : IObjective
{
    const string LossState = "loss";
    const string AugmentationState = "augmentation";

    /// <inheritdoc/>
    public bool DrawsData => true;

    /// <inheritdoc/>
    public ParameterTree Init(IReadOnlyList<PlayerState> players, ScalarType dtype) =>
        ParameterTree.Join([
            new(LossState, Loss.Init(dtype)),
            new(PenaltyTerms.Name, PenaltyTerms.Init(Penalties, AdversarialGame.Discriminator, players)),
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

    /// <inheritdoc/>
    public ObjectiveResult Evaluate(ObjectiveInput input)
    {
        var batch = input.Batch!;
        var discriminator = input.Players[AdversarialGame.Discriminator];
        var latents = Generator
            .Latents.Draw(input.Key.Derive("latents"), batch.Sample.BatchSize, input.Dtype)
            .On(input.Device);
        var generator = input.Players[AdversarialGame.Generator];
        var generating = input.Key.Derive("generator");
        Sample fake;
        // Rules of second order also ask how the discriminator's gradient changes with the generator.
        using (enable_grad(generator.RequiresGradients))
            fake = Generator.Generate(generator, latents, batch.Condition, Mode.Train, generating).Sample;
        var judge = Augmented(Discriminator, Augmentations, input.State, input.Step);
        var reads = Penalties.Aggregate(Loss.Reads, (all, penalty) => all | penalty.Reads);
        var judged = DiscriminatorCalls.Both(
            judge,
            discriminator,
            batch.Sample,
            fake,
            batch.Condition,
            reads,
            Penalties.Aggregate(PenalizedPoints.None, (all, penalty) => all | penalty.Differentiates(input.Step)),
            input.Key.Derive("discriminator")
        );
        var lossInput = new LossInput(judged.Real.Output, judged.Fake.Output)
        {
            Labels = batch.Labels,
            State = input.State.Child(LossState),
            Step = input.Step,
            Key = input.Key.Derive("loss"),
        };
        var terms = Penalties.IsEmpty
            ? PenaltyTerms.None
            : PenaltyTerms.Evaluate(
                Penalties,
                new PenaltyInput(
                    new DiscriminatorCalls.Fixed(judge, discriminator, batch.Condition, input.Key.Derive("penalized")),
                    batch.Sample,
                    fake,
                    input.Key.Derive(PenaltyTerms.Name)
                )
                {
                    RealOutput = judged.Real.Output,
                    FakeOutput = judged.Fake.Output,
                    KnownRealSquaredGradientNorms = judged.Real.SquaredGradientNorms,
                    KnownFakeSquaredGradientNorms = judged.Fake.SquaredGradientNorms,
                    Generator = new DiscriminatorCalls.FixedGenerator(Generator, generator, batch.Condition, generating),
                    Latents = latents,
                    Weights = discriminator.Weights,
                    State = input.State.Child(PenaltyTerms.Name),
                    Step = input.Step,
                }
            );
        var loss = Loss.Discriminator(lossInput);
        var state = Advance(input, lossInput, terms.State);
        return new ObjectiveResult(
            terms.AddTo(loss),
            ReferenceEquals(judged.Fake.Buffers, discriminator.Buffers)
                ? []
                : [new(AdversarialGame.Discriminator, judged.Fake.Buffers)],
            state,
            input.Measure ? Measure(lossInput, terms, state) : Measurements.Empty
        );
    }

    ParameterTree Advance(ObjectiveInput input, LossInput loss, ParameterTree penalties)
    {
        if (input.State.Count == 0)
            return input.State;
        var augmentations = Augmentations.Select(
            (augmentation, i) =>
            {
                var name = $"{AugmentationState}/{i}";
                var state = input.State.Child(AugmentationState).Child(i.ToString());
                var context = new AugmentationContext(state, input.Step, input.Key.Derive(name));
                return new NamedTree(name, augmentation.Advance(loss.Real, context));
            }
        );
        return ParameterTree.Join([
            new(LossState, Loss.Advance(loss)),
            new(PenaltyTerms.Name, penalties),
            .. augmentations,
        ]);
    }

    static Measurements Measure(LossInput loss, PenaltyTerms terms, ParameterTree state)
    {
        var (real, fake) = (loss.Real.Logits.detach(), loss.Fake.Logits.detach());
        var (realMean, fakeMean) = (real.mean(), fake.mean());
        var middle = (realMean + fakeMean) * 0.5;
        // The fraction of points on the side of the middle where the most of their kind are.
        var above = (
            (real - middle).gt(0).to_type(real.dtype).mean() - (fake - middle).gt(0).to_type(real.dtype).mean()
        );
        return new([
            new("real_logit", realMean),
            new("fake_logit", fakeMean),
            new("accuracy", above.abs() * 0.5 + 0.5),
            .. terms.Values,
            .. PenaltyTerms.Numbers(state),
        ]);
    }
}
