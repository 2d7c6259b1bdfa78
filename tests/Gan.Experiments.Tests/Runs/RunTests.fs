/// Runs as users make them: processes, killed and resumed, on any number of threads.
module Gan.Experiments.Tests.RunTests

open System
open System.IO
open Expecto
open Gan.Experiments
open Gan.Testing
open Gan.Experiments.Tests.StoreTests

let private spec =
    """steps: 60
data: ring
batch: 32
latents: {kind: normal, size: 2}
generator: {kind: mlp, widths: [16], normalization: batch}
discriminator: {kind: mlp, widths: [16]}
loss: relativistic_paired
penalties: [{kind: r1, gamma: 0.1}, {kind: wgan_gp, coefficient: 0.1}]
generator_optimizer: adam
discriminator_optimizer: rmsprop
discriminator_steps: 2
average: 0.9
threads: 1
log_every: 1
checkpoints: {every: 10}
evaluation: {every: 20, points: 50}
samples: {every: 20, count: 9}
"""

let private folderWithSpec () =
    let folder = Places.newFolder ()
    File.WriteAllText(Path.Combine(folder, "spec.yaml"), spec)
    folder

let private train folder more =
    (Cli.runOk folder ([ "train"; "spec.yaml"; "--json" ] @ more)).Last

let private text (name: string) (json: Text.Json.JsonElement) =
    string (json.GetProperty(name).GetString())

let private hash json = text "state_hash" json

/// The hash of the run that nothing disturbed.
/// A run that nothing disturbed: its folder, and the hash of its last state.
let private clean =
    lazy
        (let folder = folderWithSpec ()
         folder, hash (train folder []))

let private undisturbed = lazy (snd clean.Value)

let private residentKilobytes (id: int) =
    let line =
        File.ReadLines $"/proc/{id}/status"
        |> Seq.find (fun line -> line.StartsWith "VmRSS:")

    line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)
    |> Array.item 1
    |> int

let private repeated =
    [
        testCase "two processes give the same state"
        <| fun () -> Expect.equal undisturbed.Value (hash (train (folderWithSpec ()) []))

        testCase "two processes with two threads give the same state"
        <| fun () ->
            let run () =
                hash (train (folderWithSpec ()) [ "--threads"; "2" ])

            Expect.equal (run ()) (run ())

        testList
            "watching does not change the state"
            [
                for assignments in
                    [
                        [| "tracking.kind=none" |]
                        [| "samples.every=10"; "evaluation.every=10" |]
                        [| "samples.every=0"; "evaluation.every=0"; "checkpoints.every=0" |]
                        [| "log_every=7" |]
                        [| "fingerprints.every=1" |]
                    ] do
                    testCase (String.concat ", " assignments)
                    <| fun () ->
                        let set =
                            [
                                for assignment in assignments do
                                    yield! [ "--set"; assignment ]
                            ]

                        Expect.equal undisturbed.Value (hash (train (folderWithSpec ()) set))
            ]

        testCase "an observer may keep every state"
        <| fun () ->
            let document =
                SpecDocument.Parse("spec.yaml", spec).WithAssignments [ "tracking.kind=none" ]

            let kept = ResizeArray()

            let observer =
                { new IRunObserver with
                    member _.On happened =
                        match happened with
                        | :? RunEvent.StepLogged as logged ->
                            let state = logged.KeepState()
                            kept.Add(state, state.Hash())
                        | _ -> ()
                }

            let outcome =
                ExperimentRunner.Train(
                    ExperimentSpec.Read document,
                    RunStart.New,
                    observer,
                    Threading.CancellationToken.None
                )

            Expect.equal undisturbed.Value outcome.StateHash
            Expect.equal 60 kept.Count

            for state, hash in kept do
                Expect.equal hash (state.Hash())

        testCase "a tracker of one's own hears all of a run once, over a pause"
        <| fun () ->
            let folder = folderWithSpec ()
            let heard = ResizeArray<JournalRecord>()

            let tracker =
                { new ITrackingTarget with
                    member _.Key = "own"
                    member _.Write(_, records, _) = heard.AddRange records
                }

            let silent =
                { new IRunObserver with
                    member _.On _ = ()
                }

            let spec =
                ExperimentSpec.Load(Path.Combine(folder, "spec.yaml"), [ $"tracking.file={folder}/mlflow.db" ])

            let none = Threading.CancellationToken.None

            let paused =
                ExperimentRunner.Train(spec, RunStart(Targets = [ tracker ], Until = 20L), silent, none)

            let run = RunIndex.Find($"{folder}/mlflow.db", paused.RunId)

            let ended =
                ExperimentRunner.Resume(run, spec, RunContinuation(Targets = [ tracker ]), silent, none)

            Expect.equal undisturbed.Value ended.StateHash
            let all = List.ofSeq (Journal.Records<JournalRecord> run.Folder.Journal)
            Expect.equal (all |> List.map string) (heard |> Seq.map string |> List.ofSeq)

        Suite.full
            [
                testCase "memory is flat within 10 % from 2,000 to 20,000 steps"
                <| fun () ->
                    let folder = folderWithSpec ()
                    let ring = Path.Combine(Places.root, "experiments", "ring.yaml")

                    use running =
                        Cli.start
                            folder
                            []
                            [
                                "train"
                                ring
                                "--json"
                                "--set"
                                "steps=20000"
                                "--set"
                                "batch=128"
                                "--set"
                                "log_every=100"
                            ]

                    let mutable early, late, step = 0, 0, 0L

                    while step < 20_000L do
                        let line =
                            Text.Json.JsonDocument.Parse(nonNull (running.StandardOutput.ReadLine())).RootElement

                        if text "event" line = "step_logged" then
                            step <- line.GetProperty("step").GetInt64()

                            if step = 2000L then
                                early <- residentKilobytes running.Id
                            elif step = 19_900L then
                                late <- residentKilobytes running.Id

                    Expect.holds
                        (float late < 1.10 * float early)
                        $"{early} kB after 2,000 steps, {late} kB after 19,900"
            ]
    ]

let private ended =
    [
        testList
            "killed inside a write and resumed, the run is as if never killed, each metric once"
            [
                for fault in [ "checkpoint:3"; "journal:37"; "journal:7"; "checkpoint:1" ] do
                    testCase fault
                    <| fun () ->
                        let folder = folderWithSpec ()

                        let killed =
                            Cli.runWith folder [ "GAN_FAULT", fault ] [ "train"; "spec.yaml"; "--json" ]

                        Expect.equal 137 killed.Code

                        let run =
                            text "run" (Text.Json.JsonDocument.Parse(killed.Out.Split('\n')[0]).RootElement)

                        let resumed = (Cli.runOk folder [ "train"; "--resume"; run; "--json" ]).Last
                        Expect.equal undisturbed.Value (hash resumed)
                        let store = Path.Combine(folder, "mlflow.db")
                        // Pictures and machine facts aside, the two stores have the same metrics.
                        let query =
                            "SELECT key, step, value, count(*) FROM metrics WHERE key NOT LIKE 'system/%' GROUP BY 1, 2, 3 ORDER BY 1, 2"

                        Expect.equal (sqlite (Path.Combine(fst clean.Value, "mlflow.db")) query) (sqlite store query)
                        Expect.equal [ "FINISHED" ] (sqlite store "SELECT status FROM runs")

                        let images =
                            Directory.GetFiles(Path.Combine(text "folder" resumed, "artifacts", "images"))

                        Expect.equal 12 images.Length
            ]

        testCase "killed from outside at any moment and resumed, the run is as if never killed"
        <| fun () ->
            let folder = folderWithSpec ()

            let run =
                use running =
                    Cli.start folder [] [ "train"; "spec.yaml"; "--json"; "--set"; "steps=600" ]

                let first = nonNull (running.StandardOutput.ReadLine())
                Threading.Thread.Sleep(Random.Shared.Next(100, 800))
                running.Kill()
                running.WaitForExit()
                text "run" (Text.Json.JsonDocument.Parse(first).RootElement)

            let resumed = (Cli.runOk folder [ "train"; "--resume"; run; "--json" ]).Last
            Expect.equal (hash (train (folderWithSpec ()) [ "--set"; "steps=600" ])) (hash resumed)

        Suite.full
            [
                testCase "interrupted while steps are made again, a run still logs each once"
                <| fun () ->
                    let folder = folderWithSpec ()

                    let going steps =
                        [
                            "--set"
                            $"steps={steps}"
                            "--set"
                            "checkpoints.every=10"
                            "--set"
                            "checkpoints.keep=10"
                        ]

                    let run = text "run" (train folder (going 35))

                    for late in Directory.GetFiles(folder, "step-*.safetensors", SearchOption.AllDirectories) do
                        if not (late.EndsWith "step-00000010.safetensors") then
                            File.Delete late

                    let resume steps =
                        (Cli.runOk folder ([ "train"; "--resume"; run; "--json" ] @ going steps)).Last
                        |> hash

                    resume 25 |> ignore
                    Expect.equal (hash (train (folderWithSpec ()) (going 40))) (resume 40)

                    let twice =
                        "SELECT count(*) FROM (SELECT key, step FROM metrics GROUP BY key, step HAVING count(*) > 1)"

                    Expect.equal [ "0" ] (sqlite (Path.Combine(folder, "mlflow.db")) twice)
            ]

        testList
            "an interrupted run ends as killed, is saved, and goes on"
            [
                for signal in [ "INT"; "TERM" ] do
                    testCase signal
                    <| fun () ->
                        // A shell without job control starts what runs in its background with interrupts ignored, for all its children.
                        let ignored =
                            let line =
                                File.ReadLines "/proc/self/status"
                                |> Seq.find (fun line -> line.StartsWith "SigIgn:")

                            Convert.ToUInt64(line.Substring(7).Trim(), 16) &&& 2UL <> 0UL

                        if signal = "INT" && ignored then
                            skiptest "this process was started with interrupts ignored"

                        let folder = folderWithSpec ()

                        let run =
                            use running =
                                Cli.start folder [] [ "train"; "spec.yaml"; "--json"; "--set"; "steps=100000" ]

                            let first = nonNull (running.StandardOutput.ReadLine())
                            let reading = running.StandardOutput.ReadToEndAsync()
                            Threading.Thread.Sleep 500
                            Cli.signal signal running
                            running.WaitForExit()
                            Expect.equal 130 running.ExitCode
                            reading.Wait()
                            text "run" (Text.Json.JsonDocument.Parse(first).RootElement)

                        let store = Path.Combine(folder, "mlflow.db")
                        Expect.equal [ "KILLED" ] (sqlite store "SELECT status FROM runs")
                        let steps = sqlite store "SELECT max(step) FROM metrics" |> List.head |> int64
                        let longer = string (steps + 5L)

                        let resumed =
                            (Cli.runOk folder [ "train"; "--resume"; run; "--set"; $"steps={longer}"; "--json" ]).Last

                        Expect.equal (hash (train (folderWithSpec ()) [ "--set"; $"steps={longer}" ])) (hash resumed)
            ]

        testCase "the latest checkpoint is found while its run saves others and drops it"
        <| fun () ->
            let spec = SpecTests.read []
            let game = spec.Game.Init(Gan.Core.RandomKey.FromSeed 1L)
            let store = CheckpointStore(Places.newFolder (), 1)
            use saved = new Threading.ManualResetEventSlim()

            let saving =
                Threading.Tasks.Task.Run(fun () ->
                    for step in 1L .. 300L do
                        let next =
                            new Gan.Core.GameState(game.Players, game.Objectives, game.Rule, game.Root, step)

                        store.Save(RunState(next, 0L, 0L), "") |> ignore
                        saved.Set())

            saved.Wait()
            let mutable latest = 0L

            while not saving.IsCompleted do
                let found = nonNull (store.FindLatest())
                Expect.holds (found.Step >= latest) $"step {found.Step} after {latest}"
                latest <- found.Step

            saving.Wait()

        Suite.full
            [
                testCase "a run that was changed, and killed soon after, goes on, and is another in comparisons"
                <| fun () ->
                    let folder = folderWithSpec ()

                    let killed fault more =
                        let finished =
                            Cli.runWith folder [ "GAN_FAULT", fault ] ([ "train"; "--json" ] @ more)

                        Expect.equal 137 finished.Code
                        finished

                    let first = killed "journal:37" [ "spec.yaml" ]

                    let run =
                        text "run" (Text.Json.JsonDocument.Parse(first.Out.Split('\n')[0]).RootElement)

                    let change =
                        [ "--set"; "discriminator_optimizer={kind: rmsprop, learning_rate: 0.0001}" ]

                    killed "journal:8" ([ "--resume"; run ] @ change) |> ignore
                    let changed = (Cli.runOk folder [ "train"; "--resume"; run; "--json" ]).Last
                    Expect.holds (undisturbed.Value <> hash changed) "another rate"
                    train folder [] |> ignore

                    let groups =
                        (Cli.runOk folder [ "compare"; "gan"; "--metric"; "discriminator/loss"; "--json" ])
                            .Last.GetProperty("groups")

                    Expect.equal 2 (groups.GetArrayLength())
                    Expect.contains "gan.resumed_with" (Cli.runOk folder [ "runs"; "show"; run ]).Out
            ]

        testCase
            "a killed run is FAILED by the next look at runs, RUNNING again on resume, and a live one is left alone"
        <| fun () ->
            let folder = folderWithSpec ()
            let store = Path.Combine(folder, "mlflow.db")
            let status () = sqlite store "SELECT status FROM runs"

            let killed =
                Cli.runWith folder [ "GAN_FAULT", "journal:37" ] [ "train"; "spec.yaml"; "--json" ]

            Expect.equal 137 killed.Code
            Expect.equal [ "RUNNING" ] (status ())
            Expect.contains "FAILED" (Cli.runOk folder [ "runs" ]).Out
            Expect.equal [ "FAILED" ] (status ())
            Expect.contains "0 records" (Cli.runOk folder [ "sync" ]).Out

            let run =
                text "run" (Text.Json.JsonDocument.Parse(killed.Out.Split('\n')[0]).RootElement)

            use live =
                Cli.start folder [] [ "train"; "--resume"; run; "--set"; "steps=1000000"; "--json" ]

            nonNull (live.StandardOutput.ReadLine()) |> ignore
            Expect.contains "RUNNING" (Cli.runOk folder [ "runs" ]).Out
            live.Kill()
            live.WaitForExit()
            let synced = Cli.runOk folder [ "sync" ]
            Expect.contains "had ended without a word: FAILED" synced.Out
            Expect.equal [ "FAILED" ] (status ())
            // An end time, and no metric twice.
            Expect.equal [ "0" ] (sqlite store "SELECT count(*) FROM runs WHERE end_time IS NULL")

            Expect.equal
                [ "0" ]
                (sqlite
                    store
                    "SELECT count(*) FROM (SELECT key, step FROM metrics GROUP BY key, step HAVING count(*) > 1)")

        Suite.full
            [
                testCase "killed before its first checkpoint, a run begins with its pretrained weights again"
                <| fun () ->
                    let folder = folderWithSpec ()
                    let first = text "run" (train folder [])
                    let pretrained = [ "--pretrained"; first; "--set"; "name=second" ]
                    let whole = train folder pretrained

                    let killed =
                        Cli.runWith
                            folder
                            [ "GAN_FAULT", "checkpoint:1" ]
                            ([ "train"; "spec.yaml"; "--json" ] @ pretrained)

                    Expect.equal 137 killed.Code

                    let run =
                        text "run" (Text.Json.JsonDocument.Parse(killed.Out.Split('\n')[0]).RootElement)

                    let resumed = (Cli.runOk folder [ "train"; "--resume"; run; "--json" ]).Last
                    Expect.equal (hash whole) (hash resumed)
            ]

        testCase "a loss that is not a number ends the run as diverged"
        <| fun () ->
            let folder = folderWithSpec ()

            let set =
                [
                    "--set"
                    "generator_optimizer={kind: sgd, learning_rate: 1e30}"
                    "--set"
                    "steps=50"
                ]

            let diverged = Cli.run folder ([ "train"; "spec.yaml" ] @ set)
            Expect.equal 3 diverged.Code
            Expect.contains "diverged" diverged.Error
            Expect.equal [ "FAILED" ] (sqlite (Path.Combine(folder, "mlflow.db")) "SELECT status FROM runs")
    ]

// Takes away the last checkpoint of a run, so that steps are computed again, changes its spec behind its back, and
// resumes it.
let private resumeAfterChange (before: string) (after: string) =
    let folder = folderWithSpec ()

    let run =
        text "run" (train folder [ "--set"; "steps=35"; "--set"; "checkpoints.every=10" ])

    let checkpoints =
        Directory.GetFiles(folder, "step-00000035.safetensors", SearchOption.AllDirectories)

    File.Delete checkpoints[0]
    let file = Directory.GetFiles(folder, "spec.json", SearchOption.AllDirectories)[0]
    let text = File.ReadAllText file
    Expect.contains before text
    File.WriteAllText(file, text.Replace(before, after))
    let resumed = Cli.run folder [ "train"; "--resume"; run ]
    Expect.equal 1 resumed.Code
    resumed.Error

let private resumed =
    [
        testCase "a finished run goes on to more steps, as if it had been longer"
        <| fun () ->
            let folder = folderWithSpec ()
            let run = text "run" (train folder [ "--set"; "steps=33" ])

            let resumed =
                (Cli.runOk folder [ "train"; "--resume"; run; "--set"; "steps=60"; "--json" ]).Last

            Expect.equal undisturbed.Value (hash resumed)

        testCase "a run of another engine is not gone on with, but its weights can be begun from"
        <| fun () ->
            let folder = folderWithSpec ()

            let run =
                text "run" (Cli.runOk folder [ "train"; "spec.yaml"; "--set"; "steps=20"; "--json" ]).Last

            let file =
                Directory.GetFiles(folder, "step-00000020.safetensors", SearchOption.AllDirectories)
                |> Array.exactlyOne

            // As the versions before TorchSharp wrote it, in as many bytes.
            let bytes = File.ReadAllBytes file
            let text = Text.Encoding.Latin1.GetString bytes
            let former = text.Replace("gan-checkpoint-2", "gan-checkpoint-1")
            File.WriteAllBytes(file, Text.Encoding.Latin1.GetBytes former)
            let refused = Cli.run folder [ "train"; "--resume"; run; "--set"; "steps=40" ]
            Expect.equal 1 refused.Code
            Expect.contains "was trained with libtorch 1.13.0" refused.Error
            Expect.contains $"--pretrained {run[..7]}" refused.Error

            Cli.runOk folder [ "train"; "spec.yaml"; "--set"; "steps=20"; "--pretrained"; file; "--json" ]
            |> ignore

        testCase "a resume by another spec is refused with what differs, unless it is named"
        <| fun () ->
            let folder = folderWithSpec ()
            let run = text "run" (train folder [ "--set"; "steps=20" ])
            File.WriteAllText(Path.Combine(folder, "other.yaml"), spec.Replace("batch: 32", "batch: 16"))
            let refused = Cli.run folder [ "train"; "other.yaml"; "--resume"; run ]
            Expect.equal 1 refused.Code
            Expect.contains "differs from that of run" refused.Error
            Expect.contains "batch" refused.Error

            Cli.runOk folder [ "train"; "--resume"; run; "--set"; "batch=16"; "--set"; "steps=25" ]
            |> ignore

        testCase "a run that another process writes is refused"
        <| fun () ->
            let folder = folderWithSpec ()

            use running =
                Cli.start folder [] [ "train"; "spec.yaml"; "--json"; "--set"; "steps=100000" ]

            let first = nonNull (running.StandardOutput.ReadLine())
            let run = text "run" (Text.Json.JsonDocument.Parse(first).RootElement)
            let refused = Cli.run folder [ "train"; "--resume"; run ]
            running.Kill()
            running.WaitForExit()
            Expect.equal 1 refused.Code
            Expect.contains "another process" refused.Error

        testCase "a resume on other data is refused"
        <| fun () ->
            Expect.contains "The data of the run has changed" (resumeAfterChange "\"radius\": 1" "\"radius\": 2")

        testCase "a resume that gives another number names its step"
        <| fun () ->
            Expect.contains "Step 31 gave" (resumeAfterChange "\"learning_rate\": 0.001" "\"learning_rate\": 0.002")

        testCase "a run keeps its name"
        <| fun () ->
            let folder = folderWithSpec ()
            let run = text "run" (train folder [ "--set"; "steps=2" ])

            let renamed =
                Cli.run folder [ "train"; "--resume"; run; "--set"; "steps=3"; "--set"; "name=other" ]

            Expect.equal 1 renamed.Code
            Expect.contains "A run keeps its name" renamed.Error

        testCase "pretrained weights are where the next run begins"
        <| fun () ->
            let folder = folderWithSpec ()
            let first = train folder []
            let again = train folder [ "--pretrained"; text "run" first; "--set"; "steps=0" ]

            let weights (json: Text.Json.JsonElement) =
                let file =
                    Directory.GetFiles(Path.Combine(text "folder" json, "artifacts", "checkpoints"))
                    |> Array.max

                use stream = File.OpenRead file
                let tensors = Gan.Core.Safetensors.Read stream
                Tensors.elements tensors["generator/weights/0/weight"]

            Expect.equal (weights first) (weights again)

            let other =
                Cli.run
                    folder
                    [
                        "train"
                        "spec.yaml"
                        "--pretrained"
                        text "run" first
                        "--set"
                        "generator.widths=[17]"
                    ]

            Expect.equal 1 other.Code
            Expect.contains "cannot start this game" other.Error
    ]

let tests = testList "Run" (repeated @ ended @ resumed)
