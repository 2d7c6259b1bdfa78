module Gan.Core.Tests.LayerLaws

open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors
open Gan.Core.Tests.LayerCases

let private apply (case: Case) (state: LayerState) input mode =
    case.Layer.Apply(state.Weights, state.Buffers, input, mode, key)

/// What a layer gives in training, and the gradients of a function of it by its input and its weights.
let private differentiated (case: Case) (state: LayerState) createGraph =
    let weights = state.Weights.Map(fun weight -> weight.detach().requires_grad_())
    let input = (input case).requires_grad_()
    let given = case.Layer.Apply(weights, state.Buffers, input, Mode.Train, key)
    let leaves = [| input; yield! weights |> Seq.map _.Tensor |]
    let loss = (given.Output * given.Output.detach().cos()).sum()
    given, Gradient.Of(loss, leaves, createGraph) |> Array.collect elements

let tests =
    testList
        "Layers"
        [
            testList
                "derivatives of orders 1, 2 and 3 agree with central differences"
                [
                    for case in cases ->
                        testCase case.Name
                        <| fun () ->
                            let state = state case
                            let weights = state.Weights |> Seq.map _.Tensor |> List.ofSeq
                            let paths = List.ofSeq state.Weights.Paths
                            let sizes = (apply case state (input case) Mode.Train).Output.shape

                            let probe =
                                key.Derive("probe").Normal(torch.ScalarType.Float64, [| for s in sizes -> int s |])

                            // In training spectral normalization holds its singular vectors fixed, which have a law of their own.
                            let modes =
                                if case.Layer :? SpectralNorm then
                                    [ Mode.Evaluate ]
                                else
                                    [ Mode.Train; Mode.Evaluate ]

                            for mode in modes do
                                let f (points: Tensor list) =
                                    let weights =
                                        ParameterTree.FromTensors(
                                            List.map2 (fun p t -> NamedTensor(p, t)) paths points.Tail
                                        )

                                    (case.Layer.Apply(weights, state.Buffers, points.Head, mode, key).Output * probe)
                                        .sum()

                                Derivatives.requireDerivatives 3 2e-6 f (input case :: weights) $"{case.Name} in {mode}"
                ]

            testList
                "gradients taken without a graph are those taken with one"
                [
                    for case in cases ->
                        testCase case.Name
                        <| fun () ->
                            let state = state case

                            let gradients createGraph =
                                snd (differentiated case state createGraph)

                            requireClose 1e-12 (gradients false) (gradients true) case.Name
                ]

            testList
                "a layer gives the same whatever derivatives are asked for"
                [
                    for case in cases ->
                        testCase case.Name
                        <| fun () ->
                            let state = state case

                            let found order =
                                use _ = Gradient.Ask order
                                let given, gradients = differentiated case state false

                                [|
                                    yield! elements given.Output
                                    for buffer in given.Buffers do
                                        yield! elements buffer.Tensor
                                    yield! gradients
                                |]

                            let composed = found DerivativeOrder.Higher

                            for order in [ DerivativeOrder.Any; DerivativeOrder.First ] do
                                requireClose 1e-11 (found order) composed $"{case.Name}, {order}"
                ]

            testList
                "a layer that does not mix samples treats each alone, and one that does says so"
                [
                    for case in cases ->
                        testCase case.Name
                        <| fun () ->
                            let state = state case
                            // Dropout's mask is an argument of the whole batch; in use it is none.
                            let mode = if case.Layer :? Dropout then Mode.Evaluate else Mode.Train
                            let whole = (apply case state (input case) mode).Output

                            if case.Layer.MixesSamples then
                                let changed = (input case).clone()
                                let first = (changed.narrow (0, 0, 1)).Times(3.0)
                                let other = torch.cat [| first; changed.narrow (0, 1, changed.size 0 - 1L) |]
                                let moved = (apply case state other mode).Output

                                let others (output: Tensor) =
                                    elements (output.narrow (0, 1, output.size 0 - 1L))

                                Expect.holds (others moved <> others whole) "it does not mix samples"
                            else
                                for i in 0L .. (input case).size 0 - 1L do
                                    let alone = (apply case state ((input case).narrow(0, i, 1)) mode).Output

                                    requireClose
                                        1e-12
                                        (elements alone)
                                        (elements (whole.narrow (0, i, 1)))
                                        $"sample {i} of {case.Name}"
                ]

            testList
                "calling a layer changes nothing that it was given"
                [
                    for case in cases ->
                        testCase case.Name
                        <| fun () ->
                            let state, input = state case, input case
                            let before = state.Weights.Hash(), state.Buffers.Hash(), elements input
                            apply case state input Mode.Train |> ignore
                            Expect.equal before (state.Weights.Hash(), state.Buffers.Hash(), elements input)
                ]

            testList
                "in use, buffers stay and the output depends on no key"
                [
                    for case in cases ->
                        testCase case.Name
                        <| fun () ->
                            let state = state case
                            let first = apply case state (input case) Mode.Evaluate

                            let second =
                                case.Layer.Apply(
                                    state.Weights,
                                    state.Buffers,
                                    input case,
                                    Mode.Evaluate,
                                    key.Derive "other"
                                )

                            Expect.equal (state.Buffers.Hash()) (first.Buffers.Hash())
                            Expect.equal (elements first.Output) (elements second.Output)
                ]

            testList
                "first weights follow from the key, and float32 ones are the rounded float64 ones"
                [
                    for case in cases ->
                        testCase case.Name
                        <| fun () ->
                            let init (key: RandomKey) dtype = case.Layer.Init(key, dtype).Weights
                            let wide = init key torch.ScalarType.Float64
                            Expect.equal (wide.Hash()) ((init key torch.ScalarType.Float64).Hash())
                            let narrow = init key torch.ScalarType.Float32

                            Expect.holds
                                (narrow.Map(fun t -> t.to_type torch.ScalarType.Float64).AllClose(wide, 2e-6, 2e-7))
                                "they differ"

                            if
                                wide.Contains "weight"
                                && not (case.Layer :? BatchNorm || case.Layer :? LayerNorm)
                            then
                                Expect.holds
                                    (wide.Hash() <> (init (key.Derive "other") torch.ScalarType.Float64).Hash())
                                    "the key does not matter"
                ]

            testCase "dropout keeps the mean and drops its fraction"
            <| fun () ->
                let x = torch.ones ([| 100_000L; 1L |], torch.ScalarType.Float64)

                let y =
                    elements (
                        Dropout(Probability = 0.3)
                            .Apply(ParameterTree.Empty, ParameterTree.Empty, x, Mode.Train, key)
                            .Output
                    )

                Expect.within 0.01 1.0 (Array.average y)
                Expect.within 0.01 0.3 (y |> Array.averageBy (fun v -> if v = 0.0 then 1.0 else 0.0))

            testCase "wrong inputs are refused with both shapes"
            <| fun () ->
                let wrong =
                    [
                        Linear(3, 2) :> ILayer
                        Conv1d(2, 3, 3)
                        Conv2d(2, 3, 3)
                        ConvTranspose1d(2, 3, 3)
                        ConvTranspose2d(2, 3, 3)
                        BatchNorm 3
                        LayerNorm 3
                        Maxout(3, 2, 4)
                    ]

                for layer in wrong do
                    let state = layer.Init(key, torch.ScalarType.Float32)
                    let input = torch.zeros [| 5L; 7L |]

                    let failure =
                        Expect.failure<System.ArgumentException>(fun () ->
                            layer.Apply(state.Weights, state.Buffers, input, Mode.Train, key) |> ignore)

                    Expect.contains "expects [batch" failure.Message
                    Expect.contains "[5, 7]" failure.Message
        ]
