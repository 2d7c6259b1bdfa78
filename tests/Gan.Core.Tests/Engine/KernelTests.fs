/// The loops over whole players, against formulas in plain F#.
module Gan.Core.Tests.KernelTests

open Expecto
open TorchSharp
open Gan.Core
open Gan.Testing
open Gan.Testing.Tensors

let private first tensor = Array.head (elements tensor)

let private normal seed (size: int64) dtype =
    Philox.Normal(System.UInt128(0UL, seed), [| size |], dtype)

/// What a function gives on one thread and on two.
let private onThreads (f: unit -> 'a) =
    Engine.SetThreads 2
    let two = f ()
    Engine.SetThreads 1
    f (), two

let private adam = ScaleByAdam(Beta1 = 0.9, Beta2 = 0.99, Epsilon = 1e-8)

let tests =
    testList
        "Kernels"
        [
            testList
                "Adam in one pass is the paper's Adam"
                [
                    for size in [ 1L; 15L; 40_000L; 700_001L ] ->
                        testCase $"{size} weights"
                        <| fun () ->
                            let start = normal 1UL size torch.ScalarType.Float64

                            let gradients =
                                [ for step in 1UL .. 4UL -> normal (10UL + step) size torch.ScalarType.Float64 ]

                            let zeros = torch.zeros_like start

                            let last, _, _ =
                                gradients
                                |> List.indexed
                                |> List.fold
                                    (fun (p, m, v) (i, g) ->
                                        let step =
                                            AdamStep(
                                                ScaleByAdam(Beta1 = 0.5, Beta2 = 0.9, Epsilon = 1e-8),
                                                0.1,
                                                0.01,
                                                int64 i + 1L
                                            )

                                        let result = WeightKernels.Adam([| p |], [| g |], [| m |], [| v |], step)
                                        result.Weights[0], result.First[0], result.Second[0])
                                    (start, zeros, zeros)

                            // The kernel takes learning rate times decay, the formula the decay.
                            let formula = Reference.adam 0.1 0.5 0.9 1e-8 0.1
                            let series = gradients |> List.map elements

                            let expected =
                                elements start |> Array.mapi (fun i w -> formula w [ for g in series -> g[i] ])

                            requireClose 1e-12 (elements last) expected "Adam"
                ]

            testCase "kernels leave what they are given as it is"
            <| fun () ->
                let ones () = torch.ones [| 100L |]
                let given = [| for _ in 1..4 -> ones () |]

                WeightKernels.Adam(
                    [| given[0] |],
                    [| given[1] |],
                    [| given[2] |],
                    [| given[3] |],
                    AdamStep(adam, 0.1, 0.0, 1L)
                )
                |> ignore

                WeightKernels.Average([| given[0] |], [| torch.zeros [| 100L |] |], 0.5)
                |> ignore

                for tensor in given do
                    Expect.equal (elements (ones ())) (elements tensor)

            property "an average moves by its fraction"
            <| fun (average: FsCheck.NormalFloat) (value: FsCheck.NormalFloat) ->
                let moved =
                    WeightKernels.Average(
                        [| torch.tensor [| average.Get |] |],
                        [| torch.tensor [| value.Get |] |],
                        0.75
                    )

                close 1e-12 (first moved[0]) (0.75 * average.Get + 0.25 * value.Get)

            testCase "the global norm is that of one vector, on any number of threads"
            <| fun () ->
                let parts =
                    [|
                        normal 3UL 100_001L torch.ScalarType.Float32
                        normal 4UL 17L torch.ScalarType.Float32
                    |]

                let expected = parts |> Seq.collect elements |> Seq.sumBy (fun x -> x * x) |> sqrt
                let one, two = onThreads (fun () -> value (WeightKernels.Norm parts))
                Expect.within 1e-9 expected one
                Expect.equal one two

            testCase "Adam gives the same bits on any number of threads"
            <| fun () ->
                let given =
                    [| for seed in 1UL .. 4UL -> normal seed 100_003L torch.ScalarType.Float32 |]

                let squares = given[3].square()

                let one, two =
                    onThreads (fun () ->
                        let result =
                            WeightKernels.Adam(
                                [| given[0] |],
                                [| given[1] |],
                                [| given[2] |],
                                [| squares |],
                                AdamStep(adam, 0.1, 0.0, 3L)
                            )

                        elements result.Weights[0], elements result.First[0], elements result.Second[0])

                Expect.holds (one = two) "the bits differ"

            testCase "tensors that do not match are refused"
            <| fun () ->
                let p, g = torch.zeros [| 3L |], torch.zeros [| 4L |]

                let failure =
                    Expect.failure<System.ArgumentException>(fun () ->
                        WeightKernels.Adam([| p |], [| g |], [| p |], [| p |], AdamStep(adam, 0.1, 0.0, 1L))
                        |> ignore)

                Expect.contains "The gradient is Float32[4], but its weight is Float32[3]." failure.Message
        ]
