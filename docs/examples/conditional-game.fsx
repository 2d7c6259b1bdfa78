// A conditional GAN on four labeled Gaussians, by the core alone: dotnet fsi docs/examples/conditional-game.fsx
#I "../../src/Gan.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "Gan.Core.dll"

open Gan.Core
open TorchSharp

let ring = Mixture.Ring(4, 1.0, 0.1)
let space = Space.Vector(2, ValueRange.Unbounded)
let classes = Space.Label 4

let on by =
    ConditionConfig(By = by, Space = classes, Embedding = 8)

let generator =
    Mlp.Generator(
        LatentPrior.Normal 2,
        space,
        MlpConfig(Widths = [ 32; 32 ], Activation = Relu(), Condition = on Conditioning.Normalize)
    )

let discriminator =
    Mlp.Discriminator(space, MlpConfig(Widths = [ 32; 32 ], Condition = on Conditioning.Project))

let config =
    AdversarialConfig(Condition = classes, Penalties = [ R1(Gamma = 0.1); R2(Gamma = 0.1) ], BatchSize = 64)
        .WithOptimizers(Optimizers.Adam(AdamConfig(LearningRate = 2e-3).WithBetas(0.5, 0.99)))

let game = AdversarialGame.Create(generator, discriminator, config)

/// Points, and the classes that they were drawn from: a condition comes with the batch.
let batch (step: int64) =
    let key = RandomKey.FromSeed(2L).Derive step
    let points = ring.Draw(key, 64).to_type torch.ScalarType.Float32
    let labels = Sample(NamedTensor("label", ring.DrawModes(key, 64)))
    Batch(Sample(NamedTensor("vector", points)), labels, torch.arange 64L)

let train (state: GameState) step =
    // A turn that generates needs conditions, so each of the two draws a batch.
    let batches =
        [ for turn in 1L .. int64 game.BatchesPerStep -> batch (10L * step + turn) ]

    Step.Run(game, state, batches).State

let state = Seq.fold train (game.Init(RandomKey.FromSeed 1L)) (seq { 1L .. 300L })

for label in 0L .. 3L do
    let latents = RandomKey.FromSeed(3L).Normal(torch.ScalarType.Float32, 200, 2)
    let condition = Sample(NamedTensor("label", torch.tensor (Array.create 200 label)))

    let made =
        generator.Generate(state.Player("generator").Network, latents, condition, Mode.Evaluate, RandomKey.FromSeed 4L)

    let mean = made.Sample.Single.mean [| 0L |]
    printfn $"class {label}: mean {mean[0].item<float32>():F2}, {mean[1].item<float32>():F2}"
