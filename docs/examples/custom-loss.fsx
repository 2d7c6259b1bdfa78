// A loss and a network of one's own, trained on eight Gaussians: dotnet fsi docs/examples/custom-loss.fsx
#I "../../src/Gan.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "Gan.Core.dll"

open Gan.Core
open TorchSharp

let exponential =
    { new IAdversarialLoss with
        member _.Discriminator input =
            Term((-input.Real.Logits).exp().mean() + input.Fake.Logits.exp().mean())

        member _.Generator input = Term((-input.Fake.Logits).exp().mean())
    }

let ring = Mixture.Ring(8, 1.0, 0.02)
let space = Space.Vector(2, ValueRange.Unbounded)

let generator =
    LayeredGenerator(LatentPrior.Normal 2, Sequential(Linear(2, 64), Elu(), Linear(64, 2)), space)

let discriminator =
    LayeredDiscriminator(
        Sequential(Linear(2, 64), Residual(Sequential(Linear(64, 64), Tanh())), Linear(64, 1)),
        space,
        true
    )

let game =
    AdversarialGame.Create(
        generator,
        discriminator,
        AdversarialConfig(Loss = exponential, Penalties = [ R1(Gamma = 0.1) ])
    )

let draw (step: int64) =
    ring.Draw(RandomKey.FromSeed(2L).Derive step, 64).to_type torch.ScalarType.Float32

let batch step =
    Batch(Sample(NamedTensor("vector", draw step)), null, torch.arange (64L))

let train (result: StepResult) step =
    Step.Run(game, result.State, [ batch step ])

let last =
    Seq.fold train (StepResult(game.Init(RandomKey.FromSeed 1L), Measurements.Empty)) (seq { 1L .. 500L })

for pair in last.Measurements.Read() do
    printfn $"{pair.Key} {pair.Value}"
