/// One example per public concept, as a user writes it. What is not pleasant here is changed in C#.
module Gan.Core.Tests.Examples

open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing

/// A loss of one's own: the exponential loss of boosting.
let exponential =
    { new IAdversarialLoss with
        member _.Discriminator input =
            Term((-input.Real.Logits).exp().mean() + input.Fake.Logits.exp().mean())

        member _.Generator input = Term((-input.Fake.Logits).exp().mean())
    }

/// A penalty of one's own: large logits cost.
let drift =
    { new IPenalty with
        member _.Evaluate input =
            Term(input.RealOutput.Logits.square().mean().Times(1e-3))
    }

/// A loss with a state of its own: the Wasserstein loss around a moving average of the real points' mean.
let centered =
    { new IAdversarialLoss with
        member _.Init dtype =
            ParameterTree.FromTensors [ NamedTensor("mean", torch.zeros ([||], dtype)) ]

        member _.Discriminator input =
            let real = input.Real.Logits.mean ()

            let next = input.State.Map(fun mean -> mean.Times(0.9) + real.detach().Times(0.1))

            Term((input.Fake.Logits - input.State["mean"]).relu().mean() - real, State = next)

        member _.Generator input = Term(-input.Fake.Logits.mean())
    }

/// An augmentation of one's own: points turned by a random quarter, all alike.
let quarterTurn =
    { new IAugmentation with
        member _.Apply(points, context) =
            let angle = System.Math.PI / 2.0 * float (context.Key.Permutation(4)[0])
            let c, s = cos angle, sin angle

            let turn =
                torch.tensor([| c; s; -s; c |]).reshape(2L, 2L).to_type torch.ScalarType.Float32

            points.Map(fun points -> points.mm turn)
    }

/// A layer of one's own: a sine.
let sine =
    { new ILayer with
        member _.Init(_, _) = LayerState.Empty
        member _.Apply(_, buffers, input, _, _) = LayerOutput(input.sin (), buffers)
    }

/// A transform of one's own: the signs of the gradients.
let signs =
    { new IGradientTransform with
        member _.Update(gradients, state, _) =
            Transformed(gradients.Map _.sign(), state)
    }

/// A rule of one's own: half a step. It is made of the library's halves of a turn.
let halfway =
    { new IUpdateRule with
        member _.Advance input =
            let gradients = Turns.AllGradients(input, input.State)
            StepResult(Turns.Toward(input, gradients, 0.5), Measurements.Empty)
    }

/// Some steps on a ring of points.
let private train (game: Game) steps =
    let mixture = Mixture.Ring(8, 1.0, 0.02)

    let batch (key: RandomKey) =
        let points = (mixture.Draw(key, 32)).to_type torch.ScalarType.Float32
        let index = torch.arange (32L, torch.ScalarType.Int64)
        Batch(Sample(NamedTensor("vector", points)), null, index)

    let step (state: GameState) (i: int64) =
        let key = RandomKey.FromSeed(2L).Derive i

        let batches =
            [ for turn in 1L .. int64 game.BatchesPerStep -> batch (key.Derive turn) ]

        Step.Run(game, state, batches).State

    Seq.fold step (game.Init(RandomKey.FromSeed 1L)) (seq { 1L .. int64 steps })

let tests =
    testList
        "Examples"
        [
            testCase "a game of one's own parts trains"
            <| fun () ->
                let space = Space.Vector(2, ValueRange.Unbounded)

                let generator =
                    LayeredGenerator(LatentPrior.Normal 2, Sequential(Linear(2, 16), sine, Linear(16, 2)), space)

                let discriminator = Mlp.Discriminator(space, MlpConfig(Widths = [ 16; 16 ]))

                let game =
                    AdversarialGame.Create(
                        generator,
                        discriminator,
                        AdversarialConfig(
                            Loss = exponential,
                            Penalties = [ drift; R1(Gamma = 0.1) ],
                            DiscriminatorOptimizer = Chain(signs, ScaleByLearningRate(Constant 1e-3)),
                            GeneratorOptimizer = Optimizers.Adam(AdamConfig(LearningRate = 1e-3).WithBetas(0.0, 0.99)),
                            Rule = halfway,
                            BatchSize = 32
                        )
                    )

                Expect.equal 20L (train game 20).Step

            testCase "a state of one's own goes on from step to step"
            <| fun () ->
                let space = Space.Vector(2, ValueRange.Unbounded)

                let game =
                    AdversarialGame.Create(
                        Mlp.Generator(LatentPrior.Normal 2, space, MlpConfig(Widths = [ 16 ])),
                        // A discriminator that sees two points at once, its weights spectrally normalized.
                        PackedDiscriminator(
                            2,
                            space,
                            fun pairs ->
                                Mlp.Discriminator(
                                    pairs,
                                    MlpConfig(Widths = [ 16 ], Normalization = Normalization.Spectral)
                                )
                        ),
                        AdversarialConfig(Loss = centered, BatchSize = 32)
                            .WithPenalties(
                                Lazy(Inner = LeCam(Coefficient = 0.1), Every = 2),
                                Consistency(Augmentation = InstanceNoise(Deviation = Constant 0.1))
                            )
                            .WithGeneratorPenalties(FeatureMatching(Coefficient = 0.1))
                            .WithAugmentations(quarterTurn)
                    )

                let state = train game 20
                let mean = state.Objectives[0]["loss/mean"]
                Expect.holds (mean.item<float32>() <> 0.0f) "the mean did not move"
                let bits = Fingerprint.Of state
                Expect.equal [] (List.ofSeq (bits.Differences(Fingerprint.Of(train game 20))))
        ]
