/// Runs of every system, and runs that end before their last step.
module Gan.Experiments.Tests.SystemRunTests

open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

let private silent =
    { new IRunObserver with
        member _.On _ = ()
    }

/// A spec of small networks, kept in a folder.
let private spec (folder: string) assignments =
    SpecTests.read (
        [
            "steps=40"
            "batch=16"
            "threads=1"
            "log_every=5"
            "checkpoints.every=10"
            "evaluation={every: 10, points: 32}"
            "samples={every: 20, count: 4}"
            $"tracking.file={folder}/mlflow.db"
        ]
        @ assignments
    )

/// Every system, with data and networks that it wants.
let private systems =
    [
        "gan", []
        "conditional_gan of labels", [ "system=conditional_gan"; "data={kind: ring, labels: true}" ]
        "conditional_gan of normalized and projected labels",
        [
            "system=conditional_gan"
            "data={kind: ring, labels: true}"
            "generator={kind: mlp, widths: [8], condition: normalize}"
            "discriminator={kind: mlp, widths: [8], condition: project}"
        ]
        "conditional_gan of captions and skeletons",
        [
            "system=conditional_gan"
            "data={kind: glyphs, count: 64, captions: true, skeletons: true}"
        ]
        "conditional_gan of images",
        [
            "system=conditional_gan"
            "data={kind: glyphs, count: 64, labels: true}"
            "generator={kind: dcgan, channels: [8, 4], condition: normalize}"
            "discriminator={kind: dcgan, channels: [4, 8]}"
            "penalties=[{kind: r1, gamma: 0.1}]"
        ]
        "bigan", [ "system=bigan"; "encoder={kind: mlp, widths: [8]}" ]
        "cyclegan",
        [
            "system={kind: cyclegan, identity: 0.5}"
            "data={kind: pair, first: ring, second: grid}"
            "average=0.9"
        ]
    ]

let private train spec start =
    ExperimentRunner.Train(spec, start, silent, CancellationToken.None)

let private stops =
    testList
        "stop"
        [
            let find (folder: string) (outcome: RunOutcome) =
                RunIndex.Find($"{folder}/mlflow.db", outcome.RunId)

            let reason (folder: string) outcome =
                Journal.Records<JournalRecord.Tags>((find folder outcome).Folder.Journal)
                |> Seq.pick (fun tags ->
                    match tags.Values.TryGetValue "gan.stop_reason" with
                    | true, reason -> Some reason
                    | _ -> None)

            testCase "a run ends where a metric comes to its bound, as finished, and says why"
            <| fun () ->
                let folder = Places.newFolder ()

                let outcome =
                    train (spec folder [ "stop={metric: evaluation/sliced_wasserstein, at_most: 1000}" ]) RunStart.New

                Expect.equal RunEnding.Finished outcome.Ending
                Expect.equal 10L outcome.Step
                Expect.contains "evaluation/sliced_wasserstein is" outcome.Note
                Expect.contains "step 10" (reason folder outcome)
                Expect.contains "at most 1000" (reason folder outcome)

            testCase "not before its least steps"
            <| fun () ->
                let folder = Places.newFolder ()
                let stop = "stop=[{metric: generator/loss, at_most: 1000, min_steps: 22}]"
                Expect.equal 25L (train (spec folder [ stop ]) RunStart.New).Step

            testCase "patience counts evaluations without an improvement, over a resume, and keeps the best state"
            <| fun () ->
                // Modes of a ring that nothing finds stay at 0: no improvement on the first of the values.
                let stop =
                    [
                        "stop={metric: evaluation/modes, patience: 2, goal: maximize}"
                        "generator_optimizer.learning_rate=0"
                        "data.radius=1000"
                    ]

                let whole, parts = Places.newFolder (), Places.newFolder ()
                let outcome = train (spec whole stop) RunStart.New
                Expect.equal 30L outcome.Step
                Expect.contains "has not improved on 0 for 2 evaluations" outcome.Note
                let paused = train (spec parts stop) (RunStart(Until = 20L))
                Expect.equal RunEnding.Paused paused.Ending

                let resumed =
                    ExperimentRunner.Resume(
                        find parts paused,
                        spec parts stop,
                        RunContinuation(),
                        silent,
                        CancellationToken.None
                    )

                Expect.equal outcome.Step resumed.Step
                Expect.equal outcome.StateHash resumed.StateHash
                let best = CheckpointStore((find whole outcome).Folder.Checkpoints, 1).FindBest()
                Expect.equal 10L (nonNull best).Step

            testList
                "criteria that say nothing are refused"
                [
                    for stop, sentence in
                        [
                            "{metric: evaluation/modes}", "needs at_least or at_most"
                            "{metric: evaluation/modes, at_least: 1, at_most: 2}", "not both"
                            "{metric: evaluation/mods, at_least: 1}", "did you mean 'evaluation/modes'?"
                            "{metric: evaluation/modes, at_least: 1, goal: minimize}", "the bound says 'maximize'"
                            "[3]", "must be a list of levels"
                        ] do
                        testCase stop
                        <| fun () ->
                            let read () =
                                SpecTests.read [ $"stop={stop}" ] |> ignore

                            Expect.contains sentence (Expect.failure<SpecException> read).Message
                ]
        ]

let tests =
    testList
        "System runs"
        [
            testList
                "a run of each system resumes bit for bit"
                [
                    for name, assignments in systems do
                        testCase name
                        <| fun () ->
                            let whole = train (spec (Places.newFolder ()) assignments) RunStart.New
                            Expect.equal RunEnding.Finished whole.Ending
                            let folder = Places.newFolder ()
                            let spec = spec folder assignments
                            let paused = train spec (RunStart(Until = 20L))
                            let run = RunIndex.Find($"{folder}/mlflow.db", paused.RunId)

                            let resumed =
                                ExperimentRunner.Resume(run, spec, RunContinuation(), silent, CancellationToken.None)

                            Expect.equal whole.StateHash resumed.StateHash
                ]

            stops
        ]
