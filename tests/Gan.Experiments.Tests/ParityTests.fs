/// Our numbers against PyTorch's own, where it is installed for the system's Python.
module Gan.Experiments.Tests.ParityTests

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto
open Gan.Core
open Gan.Experiments
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private key = RandomKey.FromSeed 41L

let private python (arguments: string list) =
    let info =
        ProcessStartInfo("/usr/bin/python3", RedirectStandardOutput = true, RedirectStandardError = true)

    for argument in arguments do
        info.ArgumentList.Add argument

    use running = nonNull (Process.Start info)
    let error = running.StandardError.ReadToEndAsync()
    let output = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    running.ExitCode, output, error.Result

let private requirePyTorch () =
    let found =
        try
            let code, _, _ = python [ "-c"; "import torch" ]
            code = 0
        with _ ->
            false

    if not found then
        skiptest "/usr/bin/python3 has no torch; on Debian: apt-get install python3-torch"

/// What parity.py answers: lists of numbers by name.
let private ask what (folder: string) =
    let code, output, error =
        python [ Path.Combine(AppContext.BaseDirectory, "parity.py"); what; folder ]

    Expect.holds (code = 0) error
    JsonSerializer.Deserialize<Dictionary<string, float array>> output |> nonNull

let private save folder name (tensors: (string * Tensor) list) =
    use file = File.Create(Path.Combine(folder, name + ".safetensors"))
    Safetensors.Write(file, [ for n, t in tensors -> KeyValuePair(n, t) ], dict [] |> Dictionary)

let tests =
    testList
        "Parity"
        [
            testCase "an exported generator gives the same points in PyTorch"
            <| fun () ->
                requirePyTorch ()
                let folder = Places.newFolder ()

                let generator =
                    Mlp.Generator(
                        LatentPrior.Normal 3,
                        Space.Vector(2, ValueRange.Unbounded),
                        MlpConfig(Widths = [ 16; 8 ], Activation = Relu(), Normalization = Normalization.Batch)
                    )

                let first = generator.Init(key, torch.ScalarType.Float32)
                // Buffers as training leaves them.
                let latents = key.Derive("latents").Normal(torch.ScalarType.Float32, 64, 3)

                let trained =
                    LayerState(first.Weights, generator.Generate(first, latents, null, Mode.Train, key).Buffers)

                PyTorchExport.Write(Path.Combine(folder, "generator.safetensors"), generator, trained)
                save folder "latents" [ "latents", latents ]

                let ours =
                    generator.Generate(trained, latents, null, Mode.Evaluate, key).Sample.Single

                requireClose 1e-5 (elements ours) (ask "generator" folder).["samples"] "samples"

            testCase "operators, losses and Adam agree with PyTorch"
            <| fun () ->
                requirePyTorch ()
                let folder = Places.newFolder ()

                let draw name (shape: int list) =
                    key.Derive(name: string).Normal(torch.ScalarType.Float64, Array.ofList shape)

                let real, fake = draw "real" [ 8 ], draw "fake" [ 8 ]
                let x, w, b = draw "x" [ 2; 3; 6; 5 ], draw "w" [ 4; 3; 4; 4 ], draw "b" [ 4 ]
                let p, gradients = draw "p" [ 5 ], [ for i in 0..2 -> draw $"g{i}" [ 5 ] ]

                save
                    folder
                    "input"
                    ([ "real", real; "fake", fake; "x", x; "w", w; "b", b; "p", p ]
                     @ [ for i, g in List.indexed gradients -> $"g{i}", g ])

                let theirs = ask "operators" folder
                let loss = NonSaturating()
                let discriminator, generated = DiscriminatorOutput real, DiscriminatorOutput fake

                let layer (layer: ILayer) =
                    let state = layer.Init(key, torch.ScalarType.Float64)
                    layer.Apply(state.Weights, state.Buffers, x, Mode.Train, key).Output

                let optimize (chain: Chain) =
                    let tree tensor =
                        ParameterTree.FromTensors [ NamedTensor("p", tensor) ]

                    gradients
                    |> List.fold
                        (fun (weights, state) gradient ->
                            let updated = chain.Update(tree gradient, state, weights)
                            updated.Weights, updated.State)
                        (tree p, chain.Init(tree p))
                    |> fun (weights, _) -> weights["p"]

                let ours =
                    [
                        "bce_discriminator", loss.Discriminator(LossInput(discriminator, generated)).Value
                        "bce_generator", loss.Generator(LossInput(discriminator, generated)).Value
                        "conv2d", torch.nn.functional.conv2d (x, w, b, [| 2L; 2L |], [| 1L; 1L |])
                        "conv_transpose2d",
                        torch.nn.functional.conv_transpose2d (x, w.transpose (0, 1), b, [| 2L; 2L |], [| 1L; 1L |])
                        "batch_norm", layer (BatchNorm 3)
                        "layer_norm", layer (LayerNorm(3, 6, 5))
                        "gelu", layer (Gelu())
                        "elu", layer (Elu())
                        "silu", layer (Silu())
                        "softplus", layer (Softplus())
                        "adam", optimize (Optimizers.Adam(AdamConfig(LearningRate = 0.1).WithBetas(0.5, 0.9)))
                        "adamw", optimize (Optimizers.Adam(AdamConfig(LearningRate = 0.1).WithWeightDecay 0.01))
                    ]

                Expect.equal (Set.ofSeq theirs.Keys) (ours |> List.map fst |> Set.ofList)

                for name, tensor in ours do
                    requireClose 1e-11 (elements tensor) theirs[name] name
        ]
