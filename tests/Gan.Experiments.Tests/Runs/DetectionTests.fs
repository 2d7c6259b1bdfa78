/// Troubles are seen where they are, and not where they are not.
module Gan.Experiments.Tests.DetectionTests

open System
open System.IO
open System.Collections.Generic
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

/// How often a detector speaks over a series of numbers.
let private told (detector: IDetector) (series: (string * float) list list) =
    series
    |> List.choose (fun values -> detector.Look(Dictionary(dict values)) |> Option.ofObj)
    |> List.length

let private repeat count values = List.replicate count values

let private exploding =
    [
        "loss=wasserstein"
        "discriminator_optimizer={kind: sgd, learning_rate: 30}"
        "generator_optimizer={kind: sgd, learning_rate: 30}"
        "steps=400"
        "batch=32"
        "threads=1"
    ]

let private run assignments =
    let happened = ResizeArray<RunEvent>()

    let observer =
        { new IRunObserver with
            member _.On event = happened.Add event
        }

    let outcome =
        ExperimentRunner.Train(SpecTests.read assignments, RunStart.New, observer, CancellationToken.None)

    outcome, List.ofSeq happened

let tests =
    testList
        "Detection"
        [
            testCase "a discriminator that is always right is saturated, once, and again after a pause"
            <| fun () ->
                let sure, unsure =
                    [ "discriminator/accuracy", 1.0 ], [ "discriminator/accuracy", 0.8 ]

                Expect.equal
                    0
                    (told
                        (DiscriminatorSaturation "discriminator/accuracy")
                        (repeat 19 sure @ repeat 5 unsure @ repeat 19 sure))

                Expect.equal 1 (told (DiscriminatorSaturation "discriminator/accuracy") (repeat 100 sure))

                Expect.equal
                    2
                    (told
                        (DiscriminatorSaturation "discriminator/accuracy")
                        (repeat 30 sure @ [ unsure ] @ repeat 30 sure))

            testCase "a generator's gradient that vanishes is seen"
            <| fun () ->
                let norm (value: float) = [ "generator/gradient_norm", value ]

                Expect.equal
                    0
                    (told
                        (VanishingGenerator "generator/gradient_norm")
                        (List.map norm [ for i in 1..200 -> 1.0 / float i ]))

                Expect.equal
                    1
                    (told (VanishingGenerator "generator/gradient_norm") (repeat 10 (norm 2.0) @ repeat 50 (norm 1e-4)))

            testCase "points that become alike, and modes that are lost, are a collapse"
            <| fun () ->
                let diversity (value: float) = [ "diagnostics/diversity", value ]
                let modes (value: float) = [ "evaluation/modes", value ]

                Expect.equal
                    1
                    (told
                        (Collapse("diagnostics/diversity", "evaluation/modes"))
                        [ diversity 0.9; diversity 0.05; diversity 0.02 ])

                Expect.equal
                    0
                    (told
                        (Collapse("diagnostics/diversity", "evaluation/modes"))
                        [ diversity 0.9; diversity 0.4; diversity 1.2 ])

                Expect.equal
                    1
                    (told
                        (Collapse("diagnostics/diversity", "evaluation/modes"))
                        [ modes 1.0; modes 6.0; modes 8.0; modes 4.0; modes 3.0 ])

                Expect.equal
                    0
                    (told
                        (Collapse("diagnostics/diversity", "evaluation/modes"))
                        [ modes 0.0; modes 1.0; modes 8.0; modes 5.0 ])

            testCase "a rhythm is an oscillation; noise, a trend and a small swing are none"
            <| fun () ->
                let random = Random 3

                let series f =
                    [ for t in 0..299 -> [ "generator/loss", f (float t) ] ]

                let noise () = random.NextDouble() - 0.5

                let look series =
                    told (Oscillation "generator/loss") series

                Expect.equal 1 (look (series (fun t -> 1.0 + 0.5 * sin (t * 0.7) + 0.2 * noise ())))
                Expect.equal 0 (look (series (fun _ -> 1.0 + noise ())))
                Expect.equal 0 (look (series (fun t -> 3.0 - 0.01 * t + 0.1 * noise ())))
                Expect.equal 0 (look (series (fun t -> 1.0 + 0.01 * sin (t * 0.7))))

            testCase "a discriminator much steeper on one kind of points is seen"
            <| fun () ->
                let gradients real fake =
                    [
                        "diagnostics/discriminator_gradient_real", real
                        "diagnostics/discriminator_gradient_fake", fake
                    ]

                Expect.equal
                    0
                    (told
                        (GradientRatio(
                            "diagnostics/discriminator_gradient_real",
                            "diagnostics/discriminator_gradient_fake"
                        ))
                        (repeat 9 (gradients 1.0 3.0)))

                Expect.equal
                    1
                    (told
                        (GradientRatio(
                            "diagnostics/discriminator_gradient_real",
                            "diagnostics/discriminator_gradient_fake"
                        ))
                        (repeat 9 (gradients 1.0 30.0)))

                Expect.equal
                    1
                    (told
                        (GradientRatio(
                            "diagnostics/discriminator_gradient_real",
                            "diagnostics/discriminator_gradient_fake"
                        ))
                        (repeat 9 (gradients 30.0 1.0)))

            testList
                "a divergence is named: step, turn, number and tensor; the checkpoint before it is healthy"
                [
                    for more in
                        [
                            [| "checkpoints.every=0" |]
                            [| "checkpoints.every=2" |]
                            [| "checkpoints.every=2"; "log_every=50" |]
                        ] do
                        testCase (String.concat ", " more)
                        <| fun () ->
                            let store = Path.Combine(Places.newFolder (), "mlflow.db")

                            let outcome, happened =
                                run (exploding @ [ $"tracking.file={store}" ] @ List.ofArray more)

                            Expect.equal RunEnding.Diverged outcome.Ending
                            Expect.contains $"Step {outcome.Step} diverged: " outcome.Note
                            Expect.contains "became" outcome.Note

                            match
                                happened
                                |> List.choose (function
                                    | :? RunEvent.Detected as found -> Some found
                                    | _ -> None)
                                |> List.tryLast
                            with
                            | Some last -> Expect.equal "divergence" last.Detection.Name
                            | None -> failwith "no event"

                            let spec = SpecTests.read exploding

                            match
                                CheckpointStore(Path.Combine(outcome.Folder, "artifacts", "checkpoints"), 2)
                                    .FindLatest()
                            with
                            | null -> Expect.holds (more.Length = 1 && more[0].EndsWith "0") "no checkpoint"
                            | kept ->
                                Expect.contains $"The checkpoint of step {kept.Step} is healthy" outcome.Note

                                Expect.equal
                                    null
                                    (Divergence.FirstBadTensor(CheckpointStore.Load(spec.Game, kept.File).Game))
                ]

            testCase "a state that is not finite is found where it is"
            <| fun () ->
                let state = (SpecTests.read []).Game.Init(Gan.Core.RandomKey.FromSeed 1L)
                Expect.equal null (Divergence.FirstBadTensor state)
                let vector = Array.ofSeq (Gan.Core.StepOperator.ToVector state)
                vector[3] <- infinity

                Expect.equal
                    "generator/weights/0/weight"
                    (nonNull (Divergence.FirstBadTensor(Gan.Core.StepOperator.WithVector(state, vector))))
        ]
