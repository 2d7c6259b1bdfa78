/// Sweeps as users make them: many processes, killed at any moment.
module Gan.Experiments.Tests.SweepTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

let private experiment =
    """steps: 300
data: ring
batch: 32
generator: {kind: mlp, widths: [16]}
discriminator: {kind: mlp, widths: [16]}
loss: hinge
generator_optimizer: adam
discriminator_optimizer: adam
log_every: 10
evaluation: {every: 100, points: 50}
samples: {every: 0}
checkpoints: {every: 50}
"""

let search =
    """spec: base.yaml
metric: {name: evaluation/high_quality, goal: maximize}
parameters:
  loss: {values: [hinge, wasserstein, least_squares]}
  discriminator_optimizer.learning_rate: {distribution: log_uniform_values, min: 0.0001, max: 0.01}
run_cap: 20
"""

/// The same search, of its first runs.
let searchOf (runs: int) =
    search.Replace("run_cap: 20", $"run_cap: {runs}")

let folderWith (sweep: string) =
    let folder = Places.newFolder ()
    File.WriteAllText(Path.Combine(folder, "base.yaml"), experiment)
    File.WriteAllText(Path.Combine(folder, "sweep.yaml"), sweep)
    folder

let private place folder = Path.Combine(folder, "mlflow.db")

/// The trials that a store has as finished runs: by trial, the hash of the last state and the number of metric values.
let results folder =
    use store = RunStores.Open(place folder)
    let runs = store.Search(RunQuery.All)
    let values = store.Values runs

    Map
        [
            for run in runs do
                match values[run.RunId].Tags.TryGetValue "gan.trial" with
                | true, trial ->
                    let count =
                        StoreTests.sqlite
                            (place folder)
                            $"SELECT count(*) FROM metrics WHERE run_uuid = '{run.RunId}' AND key NOT LIKE 'system/%%'"

                    let last = CheckpointStore(run.Folder.Checkpoints, 1).FindLatest()
                    int trial, (run.Status, nonNull(last).StateHash, List.head count)
                | _ -> ()
        ]

let private sweep folder more =
    Cli.runOk folder ([ "sweep"; "sweep.yaml"; "--workers"; "2"; "--json" ] @ more)

/// A sweep of the first runs that nothing disturbed: its folder, and what it said last.
let private short =
    lazy
        (let folder = folderWith (searchOf 8)
         folder, (sweep folder []).Last)

/// The first trials, at most eight, as nothing disturbed them.
let firstOf count =
    results (fst short.Value) |> Map.filter (fun trial _ -> trial < count)

/// All trials of the search as nothing disturbed them.
let private undisturbed =
    lazy
        (let folder = folderWith search
         sweep folder [] |> ignore
         results folder)

/// The processes whose command line has a text in it.
let private processesWith (text: string) =
    [
        for running in Process.GetProcesses() do
            let line =
                try
                    File.ReadAllText $"/proc/{running.Id}/cmdline"
                with _ ->
                    ""

            if line.Contains text then
                running
    ]

let tests =
    testList
        "Sweep"
        [
            testCase "a sweep makes its runs, ranks them, and started again has nothing to do"
            <| fun () ->
                let folder, ended = short.Value
                let found = results folder
                Expect.equal 8 found.Count
                Expect.holds (found |> Map.forall (fun _ (status, _, _) -> status = "FINISHED")) "all finish"
                // 30 logged steps of losses and norms, 3 evaluations: the same of every run.
                Expect.equal
                    1
                    (found.Values
                     |> Seq.map (fun (_, _, count) -> count)
                     |> Seq.distinct
                     |> Seq.length)

                Expect.equal 8 (found.Values |> Seq.map (fun (_, hash, _) -> hash) |> Seq.distinct |> Seq.length)
                let again = (sweep folder []).Last
                Expect.equal (ended.GetProperty("ranking").GetRawText()) (again.GetProperty("ranking").GetRawText())
                Expect.equal found (results folder)

            Suite.full
                [
                    testCase "killed at random, worker, sweep and server, every run ends as without, and once"
                    <| fun () ->
                        use server = new FakeMlflow(fun _ -> Healthy)
                        let folder = folderWith search
                        let random = Random 7

                        let environment =
                            [
                                "MLFLOW_TRACKING_URI", server.Address
                                "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.1"
                            ]

                        let start () =
                            Cli.start folder environment [ "sweep"; "sweep.yaml"; "--workers"; "2"; "--json" ]

                        let begin' () =
                            let running = start ()
                            running.BeginOutputReadLine()
                            running.BeginErrorReadLine()
                            running

                        let mutable running = begin' ()
                        let mutable kills = 0

                        while kills < 8 && not running.HasExited do
                            Thread.Sleep(random.Next(300, 2500))

                            match kills % 4 with
                            | 0
                            | 2 ->
                                for worker in processesWith (Path.Combine(folder, "mlruns")) |> List.truncate 1 do
                                    worker.Kill()
                            | 1 ->
                                running.Kill()
                                running.WaitForExit()
                                running <- begin' ()
                            | _ ->
                                server.Stop()
                                Thread.Sleep 500
                                server.Start()

                            kills <- kills + 1

                        running.Kill()
                        running.WaitForExit()

                        let last =
                            Cli.runWith folder environment [ "sweep"; "sweep.yaml"; "--workers"; "2"; "--json" ]

                        Expect.equal 0 last.Code
                        Expect.holds (last.Last.GetProperty("complete").GetBoolean()) "the sweep is complete"
                        Expect.equal undisturbed.Value (results folder)
                        // What the server missed is carried to it; it then has the sweep and its 20 runs, each value once.
                        Cli.runWith folder environment [ "sync" ] |> ignore

                        let trials =
                            server.Runs |> List.filter (fun run -> run.Tags.ContainsKey "gan.trial")

                        Expect.equal 21 server.Runs.Length
                        Expect.equal 20 trials.Length

                        for run in trials do
                            let _, _, count = undisturbed.Value[int run.Tags["gan.trial"]]

                            let own =
                                run.Metrics |> Seq.filter (fun (key, _, _, _) -> not (key.StartsWith "system/"))

                            Expect.equal count (string (Seq.length own))
                            Expect.equal "FINISHED" (string run.Info["status"])
                ]

            testCase "a run that fails is one failed run, and is run again when asked"
            <| fun () ->
                let folder =
                    folderWith
                        """spec: base.yaml
metric: {name: discriminator/loss}
set: {evaluation.every: 0, steps: 20}
parameters: {data: {values: [ring, {kind: mnist, folder: nowhere}]}}
method: grid
"""

                let run more =
                    Cli.run folder ([ "sweep"; "sweep.yaml" ] @ more)

                let first = run []
                Expect.equal 1 first.Code
                Expect.contains "1 finished, 1 failed" first.Out
                Expect.contains "set data.folder to one that holds" first.Out

                let attempts () =
                    let ledger =
                        Directory.GetFiles(folder, "sweep.jsonl", SearchOption.AllDirectories)
                        |> Array.exactlyOne

                    File.ReadLines ledger |> Seq.filter _.Contains("\"failed\"") |> Seq.length

                run [] |> ignore
                Expect.equal 1 (attempts ())
                Expect.equal 1 (run [ "--retry" ]).Code
                Expect.equal 2 (attempts ())

            testCase "the minutes of a sweep are those that it is worked on"
            <| fun () ->
                let history =
                    [
                        1000L, SweepEvent.Begun 1 :> SweepEvent
                        61_000L, SweepEvent.Promoted(0, 0)
                        // A night later.
                        50_000_000L, SweepEvent.Begun 2
                        50_030_000L, SweepEvent.Promoted(0, 0)
                    ]
                    |> List.fold
                        (fun (history: SweepHistory) (time, happened) -> history.At(time, happened))
                        SweepHistory.Empty

                Expect.equal (90_000L, 1) (history.Worked, history.Threads)

            Suite.full
                [
                    testCase "a sweep that is interrupted goes on where it was"
                    <| fun () ->
                        let folder = folderWith (searchOf 8)

                        use running =
                            Cli.start folder [] [ "sweep"; "sweep.yaml"; "--workers"; "2"; "--json" ]

                        let rec awaitTrial () =
                            if not ((nonNull (running.StandardOutput.ReadLine())).Contains "\"trial\"") then
                                awaitTrial ()

                        awaitTrial ()
                        Cli.signal "TERM" running
                        let rest = running.StandardOutput.ReadToEnd()
                        running.WaitForExit()
                        Expect.equal 130 running.ExitCode
                        Expect.contains "\"complete\":false" rest
                        let again = sweep folder []
                        Expect.contains "\"began\"" (again.Out.Split('\n')[0])
                        Expect.equal (firstOf 8) (results folder)
                ]

            Suite.full
                [
                    testCase "runs stopped early keep their checkpoints, and those that went on are as if never paused"
                    <| fun () ->
                        let early = searchOf 9 + "early_terminate: {type: asha, min_iter: 100, eta: 3}\n"
                        let folder = folderWith early
                        let ended = (sweep folder []).Last
                        Expect.holds (ended.GetProperty("complete").GetBoolean()) "complete"
                        let found = results folder
                        Expect.equal 9 found.Count
                        let finished = found |> Map.filter (fun _ (status, _, _) -> status = "FINISHED")
                        Expect.holds (finished.Count >= 1 && finished.Count < 7) $"{finished.Count} made all steps"

                        Expect.holds
                            (found
                             |> Map.forall (fun _ (status, _, _) -> status = "FINISHED" || status = "KILLED"))
                            "the others are stopped"

                        for pair in finished do
                            Expect.equal undisturbed.Value[pair.Key] pair.Value
                ]

            Suite.full
                [
                    testCase "two sweeps at once on one store, and readers beside them, lose nothing"
                    <| fun () ->
                        let folder = folderWith (searchOf 7)

                        let other = (searchOf 5).Replace("spec:", "name: other\nseed: 5\nspec:")

                        File.WriteAllText(Path.Combine(folder, "other.yaml"), other)

                        use first =
                            Cli.start folder [] [ "sweep"; "sweep.yaml"; "--workers"; "2"; "--json" ]

                        use second =
                            Cli.start folder [] [ "sweep"; "other.yaml"; "--workers"; "2"; "--json" ]

                        let errors =
                            [ first.StandardError.ReadToEndAsync(); second.StandardError.ReadToEndAsync() ]

                        let outputs =
                            [
                                first.StandardOutput.ReadToEndAsync()
                                second.StandardOutput.ReadToEndAsync()
                            ]

                        while not (first.HasExited && second.HasExited) do
                            let listed = Cli.run folder [ "runs"; "--columns"; "metrics.discriminator/loss" ]
                            Expect.equal (0, "") (listed.Code, listed.Error)

                            // As MLflow's pages read: one transaction over runs and metrics, which waits its turn.
                            if listed.Out.Contains "RUNNING" then
                                let read =
                                    StoreTests.sqlite
                                        (place folder)
                                        "PRAGMA busy_timeout = 20000; BEGIN; SELECT count(*) FROM runs; SELECT count(*) FROM metrics JOIN latest_metrics USING (run_uuid, key); COMMIT"

                                Expect.equal 3 read.Length

                        for error in errors do
                            Expect.equal "" error.Result

                        for output in outputs do
                            Expect.contains "\"complete\":true" output.Result

                        use store = RunStores.Open(place folder)
                        Expect.equal 14 (store.Search RunQuery.All).Count

                        Expect.equal
                            [ "0" ]
                            (StoreTests.sqlite
                                (place folder)
                                "SELECT count(*) FROM (SELECT run_uuid, key, step FROM metrics GROUP BY run_uuid, key, step HAVING count(*) > 1)")
                ]
        ]
