module Gan.Cli.Tests.CommandTests

open System.IO
open Expecto
open Gan.Experiments
open Gan.Testing

let private ring = Path.Combine(Places.root, "experiments", "ring.yaml")

let private short =
    [ "--set"; "steps=20"; "--set"; "batch=16"; "--set"; "samples.every=10" ]

/// A folder with one finished run in it.
let private trained =
    lazy
        (let folder = Places.newFolder ()
         Cli.runOk folder ([ "train"; ring ] @ short) |> ignore
         folder)

/// A copy of the command line without its native libraries, which are in folders below, but for SQLite.
let private withoutEngine () =
    let program = nonNull (Path.GetDirectoryName Places.ganDll)
    let folder = Places.newFolder ()

    for file in
        [
            yield! Directory.GetFiles program
            yield! Directory.GetFiles(program, "*e_sqlite3*", SearchOption.AllDirectories)
        ] do
        let copy = Path.Combine(folder, Path.GetRelativePath(program, file))
        Directory.CreateDirectory(nonNull (Path.GetDirectoryName copy)) |> ignore
        File.Copy(file, copy, overwrite = true)

    Path.Combine(folder, "gan.dll")

let tests =
    testList
        "Command"
        [
            testCase "train tells what it does and where things are"
            <| fun () ->
                let finished = Cli.runOk (Places.newFolder ()) ([ "train"; ring ] @ short)

                for part in
                    [
                        "ring: ring, 20 steps of batch 16"
                        "step 20/20"
                        "finished at step 20"
                        "mlflow.db"
                        "gan sample"
                    ] do
                    Expect.contains part finished.Out

            testCase "with --json every line is JSON, and the last one is the end"
            <| fun () ->
                let finished = Cli.runOk (Places.newFolder ()) ([ "train"; ring; "--json" ] @ short)

                let events =
                    [
                        for line in finished.Out.TrimEnd().Split '\n' ->
                            System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("event").GetString()
                            |> string
                    ]

                Expect.equal "started" events.Head
                Expect.equal "ended" (List.last events)

                Expect.equal
                    (Set
                        [
                            "started"
                            "step_logged"
                            "evaluated"
                            "samples_saved"
                            "checkpoint_saved"
                            "ended"
                        ])
                    (Set events)

            testCase "runs are listed and shown"
            <| fun () ->
                let listed = Cli.runOk trained.Value [ "runs" ]
                Expect.contains "FINISHED" listed.Out
                let shown = Cli.runOk trained.Value [ "runs"; "show"; "ring" ]
                Expect.contains "discriminator/gradient_norm" shown.Out
                Expect.contains "evaluation/modes" shown.Out
                Expect.contains "no runs yet" (Cli.runOk (Places.newFolder ()) [ "runs" ]).Out

            testCase "a trained generator is drawn from, the same points for the same seed"
            <| fun () ->
                let draw name seed =
                    let file = Path.Combine(trained.Value, name)

                    Cli.runOk trained.Value [ "sample"; "ring"; "--output"; file; "--count"; "10"; "--seed"; seed ]
                    |> ignore

                    File.ReadAllBytes file

                Expect.equal (draw "a.safetensors" "5") (draw "b.safetensors" "5")
                Expect.holds (draw "a.safetensors" "5" <> draw "c.safetensors" "6") "two seeds give the same points"
                Expect.holds ((draw "picture.png" "1").Length > 100) "no picture"

            testCase "an exported generator has PyTorch's names"
            <| fun () ->
                Cli.runOk trained.Value [ "export"; "ring"; "--output"; "g.safetensors" ]
                |> ignore

                use stream = File.OpenRead(Path.Combine(trained.Value, "g.safetensors"))
                let tensors = Gan.Core.Safetensors.Read stream

                Expect.equal
                    [ "0.bias"; "0.weight"; "2.bias"; "2.weight"; "4.bias"; "4.weight" ]
                    (List.sort (List.ofSeq tensors.Keys))

                Expect.equal [| 128L; 2L |] tensors["0.weight"].shape

            testCase "list names everything that specs may name"
            <| fun () ->
                let out = (Cli.runOk (Places.newFolder ()) [ "list" ]).Out

                for catalog in Catalogs.BuiltIn.All do
                    for line in catalog.Lines do
                        Expect.contains $"  {line.Name} " out

                Expect.contains "gamma=10" (Cli.runOk (Places.newFolder ()) [ "list"; "penalties" ]).Out

            testCase "the tables of docs/losses.md are those of the code"
            <| fun () ->
                let text = File.ReadAllText(Path.Combine(Places.root, "docs", "losses.md"))

                for what in [ "losses"; "comparisons"; "penalties"; "rules" ] do
                    let table = (Cli.runOk (Places.newFolder ()) [ "list"; what; "--markdown" ]).Out

                    Expect.holds
                        (text.Contains($"<!-- gan list {what} --markdown -->\n{table.TrimEnd()}\n"))
                        $"the table of {what} is not what the code says; run: dotnet fsi build.fsx format"

            testCase "doctor finds this machine good"
            <| fun () ->
                let out = (Cli.runOk (Places.newFolder ()) [ "doctor" ]).Out
                Expect.contains "libtorch" out
                Expect.lacks "MISSING" out

            testCase "without libtorch, what needs no tensor works, and what needs one says so"
            <| fun () ->
                let dll = withoutEngine ()

                let run arguments =
                    let finished = Cli.runDotnet trained.Value (dll :: arguments)
                    finished.Code, finished.Error

                for arguments in
                    [
                        [ "--help" ]
                        [ "list" ]
                        [ "runs" ]
                        [ "runs"; "show"; "ring" ]
                        [ "--version" ]
                    ] do
                    Expect.equal (0, "") (run arguments)

                let code, error = run [ "train"; ring ]
                Expect.equal 1 code
                Expect.contains "the package TorchSharp-cpu" error
                Expect.lacks "   at " error

            testCase "a baseline is recorded and checked, and a difference is found"
            <| fun () ->
                let folder = Places.newFolder ()
                let small = [ "--set"; "batch=16"; "--set"; "threads=1" ]

                let check more =
                    [ "check"; ring; "--baseline"; "ring.jsonl" ] @ small @ more

                Cli.runOk folder (check [ "--record"; "--steps"; "8"; "--seeds"; "2" ])
                |> ignore

                Expect.contains "the bits of all 8 steps are those" (Cli.runOk folder (check [])).Out
                Expect.contains "the bands of all 8 steps are those" (Cli.runOk folder (check [ "--bands" ])).Out
                let refused = Cli.run folder (check [ "--set"; "loss=hinge" ])
                Expect.equal 1 refused.Code
                Expect.contains "differs in loss.kind" refused.Error
                let same = Cli.runOk folder [ "diff"; ring; ring; "--steps"; "5" ]
                Expect.contains "the same bits for all 5 steps" same.Out

                let other =
                    Cli.run folder [ "diff"; ring; ring; "--steps"; "5"; "--set"; "loss=hinge" ]

                Expect.equal 1 other.Code
                Expect.contains "loss.kind: non_saturating | hinge" other.Out
                Expect.contains "after step 1 they differ in" other.Out

            testCase "two runs are compared by what they logged and by their steps"
            <| fun () ->
                let folder = Places.newFolder ()

                for seed in [ "1"; "2" ] do
                    Cli.runOk folder ([ "train"; ring; "--set"; $"seed={seed}"; "--set"; $"name=run-{seed}" ] @ short)
                    |> ignore

                let differ = Cli.run folder [ "diff"; "run-1"; "run-2"; "--json" ]
                Expect.equal 1 differ.Code

                Expect.equal
                    10L
                    (differ.Last.GetProperty("logged").GetProperty("difference").GetProperty("step").GetInt64())

                Expect.equal 0L (differ.Last.GetProperty("played").GetProperty("step").GetInt64())
                Cli.runOk folder [ "diff"; "run-1"; "run-1" ] |> ignore

            testCase "a spectrum is of a spec after some steps, or of a run at its checkpoint"
            <| fun () ->
                let tiny =
                    [
                        "--set"
                        "generator.widths=[4]"
                        "--set"
                        "discriminator.widths=[4]"
                        "--dimensions"
                        "100"
                    ]

                let shown =
                    Cli.runOk (Places.newFolder ()) ([ "spectrum"; ring; "--steps"; "5"; "--gap"; "3" ] @ tiny)

                for part in
                    [
                        "step 5, 39 weights"
                        "all eigenvalues of v'"
                        "rotation"
                        "cosine with the next"
                        "duality gap"
                    ] do
                    Expect.contains part shown.Out

                let ofRun =
                    Cli.runOk trained.Value [ "spectrum"; "ring"; "--dimensions"; "10"; "--json" ]

                Expect.equal 20 (ofRun.Last.GetProperty("step").GetInt32())
                Expect.equal 6 (ofRun.Last.GetProperty("eigenvalues").GetArrayLength())
                Expect.equal 10 (ofRun.Last.GetProperty("path").GetArrayLength())

            testCase "what is refused is listed with its reason, and hardly anything is"
            <| fun () ->
                let shown = Cli.runOk (Places.newFolder ()) [ "list"; "--refused" ]
                Expect.contains "combinations of loss, penalty and rule are refused on the ring" shown.Out
                Expect.contains "NeedsReconstruction" shown.Out

                let listed =
                    (Cli.runOk (Places.newFolder ()) [ "list"; "--refused"; "--json" ]).Last

                let all = listed.GetProperty("combinations").GetInt32()
                Expect.holds (all > 3000) $"{all} combinations"

                Expect.holds
                    (float (listed.GetProperty("refused").GetArrayLength()) < 0.05 * float all)
                    "too many are refused"

            testCase "a run's own name comes before another's id, and runs from other weights are not played again"
            <| fun () ->
                let folder = Places.newFolder ()

                let train more =
                    Cli.runOk folder ([ "train"; ring; "--json" ] @ short @ more)

                let first =
                    (train [ "--set"; "name=first" ]).Last.GetProperty("run").GetString() |> string

                train
                    [
                        "--set"
                        $"name={first.Substring(0, 6)}"
                        "--set"
                        "seed=2"
                        "--pretrained"
                        "first"
                    ]
                |> ignore

                let named = Cli.runOk folder [ "runs"; "show"; first.Substring(0, 6) ]
                Expect.lacks first (Array.head (named.Out.Split '\n'))
                Expect.contains first (Cli.runOk folder [ "runs"; "show"; first.Substring(0, 7) ]).Out
                let differ = Cli.run folder [ "diff"; "first"; first.Substring(0, 6) ]
                Expect.equal 1 differ.Code
                Expect.contains "not played again" differ.Out
                Expect.lacks "the same bits" differ.Out

                let shown =
                    Cli.runOk folder [ "spectrum"; first.Substring(0, 6); "--dimensions"; "5" ]

                Expect.lacks "on the way from the first state" shown.Out

            testCase "runs are removed, restored, erased, and given away"
            <| fun () ->
                let folder = Places.newFolder ()
                let spec = Path.Combine(Places.root, "experiments", "ring.yaml")

                Cli.runOk folder [ "train"; spec; "--set"; "steps=3"; "--set"; "batch=8" ]
                |> ignore

                let listed more = (Cli.runOk folder ("runs" :: more)).Out
                Expect.contains "is removed" (listed [ "rm"; "ring" ])
                Expect.lacks "FINISHED" (listed [])
                Expect.contains "FINISHED" (listed [ "--deleted" ])
                Expect.contains "is back" (listed [ "restore"; "ring" ])

                Expect.contains
                    "FINISHED"
                    (listed
                        [
                            "--filter"
                            "params.loss.kind = 'non_saturating' and metrics.generator/loss < 100"
                        ])

                Expect.contains "1 runs in" (listed [ "export"; "ring"; "--output"; "run.zip" ])
                Expect.contains "1 runs in" (listed [ "export"; "ring"; "--output"; "run.csv" ])
                Expect.contains ",generator/loss,3," (File.ReadAllText(Path.Combine(folder, "run.csv")))
                Expect.contains "is gone, and its files" (listed [ "rm"; "--forever"; "ring" ])
                Expect.equal 0 (Directory.GetFiles(folder, "journal", SearchOption.AllDirectories)).Length

                // Another machine takes it up.
                let elsewhere = Places.newFolder ()
                Compression.ZipFile.ExtractToDirectory(Path.Combine(folder, "run.zip"), Path.Combine(elsewhere, "runs"))
                Cli.runOk elsewhere [ "sync"; "runs" ] |> ignore
                Cli.runOk elsewhere [ "sample"; "ring" ] |> ignore
                Expect.contains "FINISHED" (Cli.runOk elsewhere [ "runs" ]).Out
        ]
