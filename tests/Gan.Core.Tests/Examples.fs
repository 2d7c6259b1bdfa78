/// One example per public concept, as a user writes it. What is not pleasant here is changed in C#.
module Gan.Core.Tests.Examples

open NUnit.Framework
open Gan.Core
open Gan.Torch

/// A loss of one's own: the exponential loss of boosting.
let exponential =
    { new IAdversarialLoss with
        member _.Critic input =
            (-input.Real.Logits).exp().mean() + input.Fake.Logits.exp().mean()

        member _.Generator input = (-input.Fake.Logits).exp().mean()
    }

/// A penalty of one's own: large logits cost.
let drift =
    { new IPenalty with
        member _.Evaluate input =
            input.RealOutput.Logits.square().mean() * Scalar.op_Implicit 1e-3
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

[<Test>]
let ``a game of one's own parts trains`` () =
    let space = Space.Vector(2, ValueRange.Unbounded)

    let generator =
        LayeredGenerator(LatentPrior.Normal 2, Sequential(Linear(2, 16), sine, Linear(16, 2)), space)

    let critic = Mlp.Critic(space, MlpConfig [ 16; 16 ])

    let game =
        AdversarialGame.Create(
            generator,
            critic,
            AdversarialConfig(
                Loss = exponential,
                Penalties = [ drift; R1 0.1 ],
                CriticOptimizer = Chain(signs, ScaleByLearningRate(Constant 1e-3)),
                GeneratorOptimizer = Optimizers.Adam(AdamConfig(LearningRate = 1e-3).WithBetas(0.0, 0.99)),
                Rule = halfway,
                BatchSize = 32
            )
        )

    let mixture = Mixture.Ring(8, 1.0, 0.02)
    let mutable state = game.Init(RandomKey.FromSeed 1L)

    for step in 0L .. 19L do
        let points =
            mixture.Draw(RandomKey.FromSeed(2L).Derive step, 32).to_type torch.ScalarType.Float32

        let index = torch.arange (Scalar.op_Implicit 32, torch.ScalarType.Int64)

        let result =
            Step.Run(game, state, [ Batch(Sample(NamedTensor("vector", points)), null, index) ])

        state <- result.State

    Assert.That(state.Step, NUnit.Framework.Is.EqualTo(20L))
