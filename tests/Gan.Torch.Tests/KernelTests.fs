module Gan.Torch.Tests.KernelTests

open NUnit.Framework
open FsCheck.NUnit
open Gan.Torch
open Gan.Testing
open Gan.Testing.Tensors

let private first tensor = Array.head (elements tensor)

let private normal seed (size: int64) dtype =
    Philox.Normal(System.UInt128(0UL, seed), [| size |], dtype)

[<TestCase(1)>]
[<TestCase(15)>]
[<TestCase(40_000)>]
let ``Adam in one pass is the paper's Adam`` (size: int) =
    let size = int64 size
    let start = normal 1UL size torch.ScalarType.Float64

    let gradients =
        [ for step in 1UL .. 4UL -> normal (10UL + step) size torch.ScalarType.Float64 ]

    let zeros = torch.zeros_like start

    let last, _, _ =
        gradients
        |> List.indexed
        |> List.fold
            (fun (p, m, v) (i, g) ->
                let struct (p, m, v) =
                    EngineDifferences.Adam(
                        [| p |],
                        [| g |],
                        [| m |],
                        [| v |],
                        0.1,
                        0.5,
                        0.9,
                        1e-8,
                        0.01,
                        int64 i + 1L,
                        false
                    )

                p[0], m[0], v[0])
            (start, zeros, zeros)

    // The kernel takes rate times decay, the formula the decay.
    let formula = Reference.adam 0.1 0.5 0.9 1e-8 0.1
    let series = gradients |> List.map elements

    let expected =
        elements start |> Array.mapi (fun i w -> formula w [ for g in series -> g[i] ])

    requireClose 1e-12 (elements last) expected "Adam"

[<Test>]
let ``memory is used again only where nothing else can see it`` () =
    let adam (p: Tensor) give =
        let zeros () = torch.zeros_like p

        let struct (after, _, _) =
            EngineDifferences.Adam(
                [| p |],
                [| torch.ones_like p |],
                [| zeros () |],
                [| zeros () |],
                0.1,
                0.9,
                0.99,
                1e-8,
                0.0,
                1L,
                give
            )

        after[0]

    let alone = torch.ones [| 100L |]
    adam alone true |> ignore
    Expect.holds (first alone <> 1.0) "given up and alone, but not used again"

    for keeper in
        [
            (fun (t: Tensor) -> EngineDifferences.Share t)
            (fun t -> t.view 100L)
            (fun t -> t.detach ())
        ] do
        let shared = torch.ones [| 100L |]
        let kept = keeper shared
        adam shared true |> ignore
        Expect.equal 1.0 (first kept)

    let notGiven = torch.ones [| 100L |]
    adam notGiven false |> ignore
    Expect.equal (1.0) ((elements notGiven)[0])

[<Property>]
let ``an average moves by its share`` (average: FsCheck.NormalFloat) (value: FsCheck.NormalFloat) =
    let moved =
        EngineDifferences.Average([| torch.tensor [| average.Get |] |], [| torch.tensor [| value.Get |] |], 0.75, false)

    close 1e-12 (first moved[0]) (0.75 * average.Get + 0.25 * value.Get)

[<Test>]
let ``the global norm is that of one vector, on any number of threads`` () =
    let parts =
        [|
            normal 3UL 100_001L torch.ScalarType.Float32
            normal 4UL 17L torch.ScalarType.Float32
        |]

    let expected = parts |> Seq.collect elements |> Seq.sumBy (fun x -> x * x) |> sqrt

    let norm threads =
        EngineDifferences.SetThreads threads
        value (EngineDifferences.GlobalNorm parts)

    let one, two = norm 1, norm 2
    EngineDifferences.SetThreads 1
    Expect.within 1e-9 (expected) (one)
    Expect.equal (one) (two)

[<Test>]
let ``tensors that do not match are refused`` () =
    let p, g = torch.zeros [| 3L |], torch.zeros [| 4L |]

    let failure =
        Expect.failure<TorchException>(fun () ->
            EngineDifferences.Adam([| p |], [| g |], [| p |], [| p |], 0.1, 0.9, 0.99, 1e-8, 0.0, 1L, false)
            |> ignore)

    Expect.contains "a gradient is not on the CPU, or not of its parameter's dtype and shape" failure.Message

/// A layer's value, its gradients, and the gradients of their squares, as one list of tensors.
let private toSecondOrder (layer: Tensor -> Tensor -> Tensor -> Tensor) (inputs: Tensor[]) =
    let leaves = inputs |> Array.map (fun input -> input.detach().requires_grad_())
    let output = layer leaves[0] leaves[1] leaves[2]
    // A function of curvature, so that no second gradient is zero.
    let loss = (output * output * output).sum()
    let first = EngineDifferences.Gradients(loss, leaves, true)

    let squares =
        first |> Array.map (fun g -> (g * g).sum()) |> Array.reduce (fun a b -> a + b)

    [| [| output |]; first; EngineDifferences.Gradients(squares, leaves, false) |]
    |> Array.concat

[<Test>]
let ``a linear layer is its parts, to second order, whatever kernel multiplies`` () =
    for dtype, tolerance in [ torch.ScalarType.Float32, 2e-5; torch.ScalarType.Float64, 1e-12 ] do
        for rows in [ 1L; 3L; 5L; 40L ] do
            for inputs in [ 1L; 4L; 7L; 33L ] do
                for outputs in [ 1L; 4L; 6L; 130L ] do
                    for slope in [ 0.0; 0.2; 1.0 ] do
                        use _ = torch.NewDisposeScope()

                        let given =
                            [| [| rows; inputs |]; [| outputs; inputs |]; [| outputs |] |]
                            |> Array.mapi (fun i shape -> Philox.Normal(System.UInt128(0UL, uint64 i), shape, dtype))

                        let ours =
                            toSecondOrder (fun x w b -> EngineDifferences.Linear(x, w, b, slope)) given

                        let parts =
                            toSecondOrder
                                (fun x w b -> torch.nn.functional.linear(x, w, b).leaky_relu(Scalar.op_Implicit slope))
                                given

                        for a, b in Array.zip ours parts do
                            let scale = max 1.0 (value (b.abs().to_type(torch.ScalarType.Float64).sum()))

                            let difference = value ((a - b).abs().to_type(torch.ScalarType.Float64).sum())

                            Expect.holds
                                (difference <= tolerance * scale)
                                $"{dtype} [{rows}, {inputs}] to {outputs}, slope {slope}: {a} differs by {difference / scale}"

[<Test; NonParallelizable>]
let ``products dealt to threads are the whole product, and the same on any number of threads`` () =
    for rows, inputs, outputs in
        [
            64L, 784L, 1024L
            64L, 1024L, 784L
            128L, 1024L, 512L
            1024L, 129L, 131L
            37L, 1001L, 517L
            517L, 1001L, 37L
        ] do
        use _ = torch.NewDisposeScope()
        let dtype = torch.ScalarType.Float32

        let given =
            [| [| rows; inputs |]; [| outputs; inputs |]; [| outputs |] |]
            |> Array.mapi (fun i shape -> Philox.Normal(System.UInt128(1UL, uint64 i), shape, dtype))

        let all threads (layer: Tensor -> Tensor -> Tensor -> Tensor) =
            EngineDifferences.SetThreads threads
            let leaves = given |> Array.map (fun input -> input.detach().requires_grad_())
            let output = layer leaves[0] leaves[1] leaves[2]
            let gradients = EngineDifferences.Gradients(output.square().sum(), leaves, false)
            EngineDifferences.SetThreads 1
            Array.append [| output |] gradients

        let ours threads =
            all threads (fun x w b -> EngineDifferences.Linear(x, w, b, 1.0))

        let one, two = ours 1, ours 2
        let parts = all 1 (fun x w b -> torch.nn.functional.linear (x, w, b))

        for a, b, expected in Array.zip3 one two parts do
            let largest (t: Tensor) =
                value ((t.abs().flatten().amax [| 0L |]).to_type(torch.ScalarType.Float64))

            let scale, worst = largest expected, (fun t -> largest (t - expected))
            Expect.holds (worst a <= 1e-5 * scale) $"{rows}, {inputs}, {outputs}, one thread: {worst a} of {scale}"
            Expect.holds (worst b <= 1e-5 * scale) $"{rows}, {inputs}, {outputs}, two threads: {worst b} of {scale}"
