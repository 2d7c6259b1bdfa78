// A loss of one's own, trained on a ring of eight Gaussians, with Gan from the folder of its packages: dotnet fsi ring.fsx
#i "nuget: /path/to/out/packages"
#r "nuget: Gan.Core, 0.1.0"

open Gan.Core
open TorchSharp

Engine.Start()

let exponential =
    { new IAdversarialLoss with
        member _.Discriminator input =
            Term((-input.Real.Logits).exp().mean() + input.Fake.Logits.exp().mean())

        member _.Generator input = Term((-input.Fake.Logits).exp().mean())
    }

let space = Space.Vector(2, ValueRange.Unbounded)

let generator =
    Mlp.Generator(LatentPrior.Normal 2, space, MlpConfig(Widths = [ 64; 64 ]))

let discriminator = Mlp.Discriminator(space, MlpConfig(Widths = [ 64; 64 ]))

let game =
    AdversarialGame.Create(
        generator,
        discriminator,
        AdversarialConfig(Loss = exponential, Penalties = [ R1(Gamma = 0.1) ])
    )

let ring = Mixture.Ring(8, 1.0, 0.02)

let batch (step: int64) =
    let points =
        ring.Draw(RandomKey.FromSeed(2L).Derive step, 64).to_type torch.ScalarType.Float32

    Batch(Sample(NamedTensor("vector", points)), null, torch.arange (64L))

let train (result: StepResult) step =
    Step.Run(game, result.State, [ batch step ])

let start = StepResult(game.Init(RandomKey.FromSeed 1L), Measurements.Empty)
let last = Seq.fold train start (seq { 1L .. 100L })

printfn $"step {last.State.Step}"

for measured in last.Measurements.Read() do
    printfn $"{measured.Key} {measured.Value}"
