module Gan.Core.Tests.OptimizerLaws

open System
open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private key = RandomKey.FromSeed 17L

let private tree dtype name =
    ParameterTree.FromTensors
        [
            NamedTensor("0/weight", key.Derive(name: string).Normal(dtype, 3, 4))
            NamedTensor("0/bias", key.Derive(name).Derive(1L).Normal(dtype, 4))
        ]

let private wide = tree torch.ScalarType.Float64

let private all (tree: ParameterTree) =
    tree |> Seq.collect (fun entry -> elements entry.Tensor) |> Array.ofSeq

/// Every optimizer and what it must do to each weight.
type private Row =
    {
        Name: string
        Chain: Chain
        Reference: Reference.Scalar
    }

/// The rows of these laws: a new optimizer adds one.
let private optimizers =
    let sgd = Reference.momentum 0.1 0.0 false

    [
        {
            Name = "Adam"
            Chain = Optimizers.Adam(AdamConfig(LearningRate = 0.1).WithBetas(0.5, 0.9))
            Reference = Reference.adam 0.1 0.5 0.9 1e-8 0.0
        }
        {
            Name = "AdamW"
            Chain = Optimizers.Adam(AdamConfig(LearningRate = 0.1).WithWeightDecay 0.01)
            Reference = Reference.adam 0.1 0.9 0.999 1e-8 0.01
        }
        {
            Name = "RMSProp"
            Chain = Optimizers.RmsProp(0.1, 0.9)
            Reference = Reference.rmsProp 0.1 0.9 1e-8
        }
        {
            Name = "SGD"
            Chain = Optimizers.Sgd(0.1, 0.0)
            Reference = sgd
        }
        {
            Name = "momentum"
            Chain = Optimizers.Sgd(0.1, 0.9)
            Reference = Reference.momentum 0.1 0.9 false
        }
        {
            Name = "negative momentum"
            Chain = Optimizers.Sgd(0.1, -0.5)
            Reference = Reference.momentum 0.1 -0.5 false
        }
        {
            Name = "Nesterov's momentum"
            Chain = Chain(Trace(Decay = 0.9, Nesterov = true), ScaleByLearningRate(Constant 0.1))
            Reference = Reference.momentum 0.1 0.9 true
        }
        {
            Name = "optimism"
            Chain = Chain(OptimisticGradient(), ScaleByLearningRate(Constant 0.1))
            Reference =
                fun start gradients ->
                    List.zip gradients (0.0 :: gradients |> List.take gradients.Length)
                    |> List.fold (fun w (g, last) -> w - 0.1 * (2.0 * g - last)) start
        }
        {
            Name = "optimistic Adam"
            Chain =
                Chain(
                    ScaleByAdam(Beta1 = 0.5, Beta2 = 0.9, Epsilon = 1e-8),
                    OptimisticGradient(),
                    ScaleByLearningRate(Constant 0.1)
                )
            Reference =
                fun start gradients ->
                    // Where plain Adam goes in its first k steps from 0.
                    let plain k =
                        Reference.adam 0.1 0.5 0.9 1e-8 0.0 0.0 (List.take k gradients)

                    // The steps 2 d_i - d_(i-1) add up to all directions and the last one once more.
                    let n = gradients.Length
                    start + plain n + (plain n - (if n > 0 then plain (n - 1) else 0.0))
        }
        {
            Name = "clipping by value"
            Chain = Chain(ClipByValue(Bound = 0.5), ScaleByLearningRate(Constant 0.1))
            Reference = fun start gradients -> sgd start (gradients |> List.map (fun g -> max -0.5 (min 0.5 g)))
        }
        {
            Name = "L2"
            Chain = Chain(AddDecayedWeights(Coefficient = 0.3), ScaleByLearningRate(Constant 0.1))
            Reference = fun start gradients -> List.fold (fun w g -> w - 0.1 * (g + 0.3 * w)) start gradients
        }
        {
            Name = "L1"
            Chain = Chain(AddWeightSigns(Coefficient = 0.3), ScaleByLearningRate(Constant 0.1))
            Reference =
                fun start gradients -> List.fold (fun w g -> w - 0.1 * (g + 0.3 * float (sign w))) start gradients
        }
        {
            Name = "a schedule"
            Chain = Chain(ScaleByLearningRate(LinearDecay(From = 0.1, Until = 0.0, Over = 4L)))
            Reference =
                fun start gradients ->
                    List.indexed gradients
                    |> List.fold (fun w (i, g) -> w - 0.1 * (1.0 - float i / 4.0) * g) start
        }
    ]

let private gradientsOver steps =
    [ for i in 1..steps -> wide $"gradient {i}" ]

let private play (update: ParameterTree -> OptimizerState -> ParameterTree -> Updated) (chain: Chain) start gradients =
    gradients
    |> List.fold
        (fun (weights, state) gradient ->
            let updated = update gradient state weights
            updated.Weights, updated.State)
        (start, chain.Init start)
    |> fst

let tests =
    testList
        "Optimizers"
        [
            testList
                "weights after five updates are the reference's"
                [
                    for row in optimizers ->
                        testCase row.Name
                        <| fun () ->
                            let start, gradients = wide "start", gradientsOver 5
                            let last = play (fun g s w -> row.Chain.Update(g, s, w)) row.Chain start gradients
                            let series = gradients |> List.map all

                            let expected =
                                all start |> Array.mapi (fun i w -> row.Reference w [ for g in series -> g[i] ])

                            requireClose 1e-11 (all last) expected row.Name
                ]

            testList
                "an update changes nothing that it was given"
                [
                    for row in optimizers ->
                        testCase row.Name
                        <| fun () ->
                            let start, gradient = wide "start", wide "gradient"
                            let state = row.Chain.Init start

                            let hash () =
                                start.Hash(), gradient.Hash(), [ for t in state.Transforms -> t.Slots.Hash() ]

                            let before = hash ()
                            row.Chain.Update(gradient, state, start) |> ignore
                            Expect.equal before (hash ())
                ]

            testList
                "one pass and part by part agree"
                [
                    for row in optimizers ->
                        testCase row.Name
                        <| fun () ->
                            for dtype, steps, tolerance in
                                [
                                    torch.ScalarType.Float64, 5, 1e-12
                                    torch.ScalarType.Float32, 1, 4.0 * float (MathF.BitIncrement 1f - 1f)
                                    torch.ScalarType.Float32, 100, 1e-5
                                ] do
                                let gradients = [ for i in 1..steps -> tree dtype $"gradient {i}" ]
                                let start = tree dtype "start"
                                let whole = play (fun g s w -> row.Chain.Update(g, s, w)) row.Chain start gradients

                                let parts =
                                    play (fun g s w -> row.Chain.UpdateInParts(g, s, w)) row.Chain start gradients

                                Array.iter2
                                    (fun (a: float) b ->
                                        Expect.holds
                                            (abs (a - b) <= tolerance * max 0.1 (abs b))
                                            $"{row.Name} after {steps} steps: {a} and {b}")
                                    (all whole)
                                    (all parts)
                ]

            testCase "Adam's chain is recognized, and chains that are not Adam's are not"
            <| fun () ->
                let adam = ScaleByAdam(Beta1 = 0.5, Beta2 = 0.9, Epsilon = 1e-8)
                let rate = ScaleByLearningRate(Constant 0.1)

                let recognized (chain: Chain) =
                    not (isNull (box (FusedAdam.Recognize chain)))

                Expect.holds (recognized (Chain(adam, rate))) "Adam"
                Expect.holds (recognized (Chain(adam, AddDecayedWeights(Coefficient = 0.1), rate))) "AdamW"

                Expect.holds
                    (not (recognized (Chain(AddDecayedWeights(Coefficient = 0.1), adam, rate))))
                    "L2 before Adam"

                Expect.holds (not (recognized (Chain(rate, adam)))) "the rate before Adam"

            property "after clipping the norm is the bound where it was above, and untouched where not"
            <| fun (bound: FsCheck.PositiveInt) ->
                let bound = float bound.Get / 10.0
                let gradient = wide "gradient"
                let norm = value (gradient.Norm())

                let clipped =
                    (ClipByGlobalNorm(Bound = bound)).Update(gradient, TransformState.Empty, gradient).Updates

                close 1e-12 (value (clipped.Norm())) (min norm bound)
                && (norm > bound || clipped.Hash() = gradient.Hash())

            testCase "schedules have their values at the ends and between"
            <| fun () ->
                let values (schedule: ISchedule) counts =
                    [ for count in counts -> schedule.Value count ]

                Expect.equal
                    [ 1.0; 0.75; 0.5; 0.5 ]
                    (values (LinearDecay(From = 1.0, Until = 0.5, Over = 10L)) [ 0L; 5L; 10L; 99L ])

                Expect.within 1e-15 0.75 ((CosineDecay(From = 1.0, Until = 0.5, Over = 10L)).Value 5L)
                Expect.within 1e-15 0.25 ((ExponentialDecay(From = 1.0, Factor = 0.5, Over = 10L)).Value 20L)
                Expect.equal [ 0.25; 1.0; 1.0 ] (values (WarmUp(Over = 4L, Then = Constant 1.0)) [ 0L; 3L; 4L ])

            testCase "a chain with another's state says so"
            <| fun () ->
                let chain = Optimizers.Adam(AdamConfig())
                let state = Optimizers.Sgd(0.1, 0.0).Init(wide "start")

                let failure =
                    Expect.failure<ArgumentException>(fun () -> chain.Update(wide "g", state, wide "start") |> ignore)

                Expect.contains "Make the state with Init" failure.Message
        ]
