namespace Gan.Core;

/// <summary>
/// The critic's loss on a batch and as many generated points, and its penalties. Its state is the loss's, the penalties'
/// and the augmentations'.
/// </summary>
public sealed record CriticObjective(
    IGenerator Generator,
    ICritic Critic,
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
            new(PenaltyTerms.Name, PenaltyTerms.Init(Penalties, AdversarialGame.Critic, players)),
            .. Augmentations.Select(
                (augmentation, i) => new NamedTree($"{AugmentationState}/{i}", augmentation.Init(dtype))
            ),
        ]);

    /// <summary>The critic that sees augmented points, by this objective's state.</summary>
    internal static ICritic Augmented(
        ICritic critic,
        ImmutableArray<IAugmentation> augmentations,
        ParameterTree state,
        long step
    ) =>
        augmentations.IsEmpty
            ? critic
            : new AugmentedCritic(critic, augmentations, state.Child(AugmentationState), step);

    /// <inheritdoc/>
    public ObjectiveResult Evaluate(ObjectiveInput input)
    {
        var batch = input.Batch!;
        var critic = input.Players[AdversarialGame.Critic];
        var latents = Generator
            .Latents.Draw(input.Key.Derive("latents"), batch.Sample.BatchSize, input.Dtype)
            .On(input.Device);
        var generator = input.Players[AdversarialGame.Generator];
        var generating = input.Key.Derive("generator");
        Sample fake;
        // Rules of second order also ask how the critic's gradient changes with the generator.
        using (enable_grad(generator.RequiresGradients))
            fake = Generator.Generate(generator, latents, batch.Condition, Mode.Train, generating).Sample;
        var judge = Augmented(Critic, Augmentations, input.State, input.Step);
        var reads = Penalties.Aggregate(Loss.Reads, (all, penalty) => all | penalty.Reads);
        var judged = CriticCalls.Both(
            judge,
            critic,
            batch.Sample,
            fake,
            batch.Condition,
            reads,
            Penalties.Aggregate(PenalizedPoints.None, (all, penalty) => all | penalty.Differentiates(input.Step)),
            input.Key.Derive("critic")
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
                    new CriticCalls.Fixed(judge, critic, batch.Condition, input.Key.Derive("penalised")),
                    batch.Sample,
                    fake,
                    input.Key.Derive(PenaltyTerms.Name)
                )
                {
                    RealOutput = judged.Real.Output,
                    FakeOutput = judged.Fake.Output,
                    KnownRealSlopes = judged.Real.Slopes,
                    KnownFakeSlopes = judged.Fake.Slopes,
                    Generator = new CriticCalls.FixedGenerator(Generator, generator, batch.Condition, generating),
                    Latents = latents,
                    Weights = critic.Weights,
                    State = input.State.Child(PenaltyTerms.Name),
                    Step = input.Step,
                }
            );
        var loss = Loss.Critic(lossInput);
        var state = Advance(input, lossInput, terms.State);
        return new ObjectiveResult(
            terms.AddTo(loss),
            ReferenceEquals(judged.Fake.Buffers, critic.Buffers)
                ? []
                : [new(AdversarialGame.Critic, judged.Fake.Buffers)],
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
        // The share of points on the side of the middle where the most of their kind are.
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
