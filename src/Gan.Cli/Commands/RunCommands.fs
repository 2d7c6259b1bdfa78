/// The commands that look at runs: `gan runs`, `gan sample`, `gan export`.
module Gan.Cli.RunCommands

open System
open System.IO
open Argu
open Gan.Core
open Gan.Experiments
open Gan.Cli.Failures

let private showRun json (run: FoundRun) =
    let metrics = RunIndex.Metrics run

    if json then
        Output.json
            {|
                run = run.RunId
                name = run.Name
                experiment = run.Experiment
                status = run.Status
                folder = run.Folder.Path
                metrics = metrics
            |}
    else
        printfn $"{run.RunId}  {run.Name}  ({run.Experiment})  {run.Status}"
        printfn $"{run.Folder.Path}"
        Output.table [ "metric"; "latest" ] [ for pair in metrics -> [ pair.Key; Output.number pair.Value ] ]

let private showAll json (runs: FoundRun seq) =
    if json then
        for run in runs do
            Output.json
                {|
                    run = run.RunId
                    name = run.Name
                    experiment = run.Experiment
                    status = run.Status
                    start = run.Start
                    folder = run.Folder.Path
                |}
    elif Seq.isEmpty runs then
        printfn "no runs yet; start one with: gan train SPEC"
    else
        Output.table
            [ "run"; "name"; "experiment"; "status"; "started"; "took" ]
            [
                for run in runs ->
                    [
                        run.RunId.Substring(0, 8)
                        run.Name
                        run.Experiment
                        run.Status
                        run.Start.ToLocalTime().ToString "yyyy-MM-dd HH:mm:ss"
                        (if run.End.HasValue then
                             Output.duration (run.End.Value - run.Start)
                         else
                             "")
                    ]
            ]

/// `gan runs`
let runs (arguments: ParseResults<RunsArguments>) =
    let json = arguments.Contains RunsArguments.Json
    let store = arguments.GetResult(RunsArguments.Store, "mlflow.db")
    // What was killed says so here, not RUNNING for ever.
    RunSync.Unfinished store |> ignore

    match Arguments.single arguments (arguments.GetResults RunsArguments.Run) with
    | Some run -> showRun json (RunIndex.Find(store, run))
    | None ->
        let experiment = arguments.TryGetResult Experiment |> Option.toObj
        let limit = arguments.GetResult(Limit, 20)

        if limit < 1 then
            raise (UserException $"--limit must be at least 1; got {limit}.")

        if
            arguments.Contains RunsArguments.Store
            && not (File.Exists store || Directory.Exists store)
        then
            raise (UserException $"There is no store '{store}'.")

        showAll json (RunIndex.List(store, experiment, limit))

    ExitCode.ok

/// `gan sync`
let sync (arguments: ParseResults<SyncArguments>) =
    let store = arguments.GetResult(SyncArguments.Store, "mlflow.db")

    if not (File.Exists store) then
        raise (UserException $"There is no store '{store}'.")

    let synced = RunSync.All store

    if arguments.Contains SyncArguments.Json then
        Output.json
            {|
                records = synced.Records
                ended = [ for run in synced.Ended -> run.RunId ]
            |}
    else
        printfn $"{synced.Records} records carried into {Path.GetFullPath store}"

        for run in synced.Ended do
            let short = run.RunId.Substring(0, 8)
            printfn $"{short} {run.Name} had ended without a word: FAILED; go on with it: gan train --resume {short}"

    ExitCode.ok

/// A run's experiment, and its generator as a checkpoint has it.
let private loadGenerator (arguments: ParseResults<OutputArguments>) =
    let name =
        match Arguments.single arguments (arguments.GetResults OutputArguments.Run) with
        | Some name -> name
        | None -> arguments.Raise "name a run"

    let run =
        RunIndex.Find(arguments.GetResult(OutputArguments.Store, "mlflow.db"), name)

    let spec = run.ReadSpec []
    let checkpoints = CheckpointStore(run.Folder.Checkpoints, 1)

    let found =
        if arguments.Contains Best then
            checkpoints.FindBest() |> Option.ofObj
        else
            checkpoints.FindLatest() |> Option.ofObj

    match found with
    | None -> raise (UserException $"The run {run.RunId} has no such checkpoint yet.")
    | Some info ->
        let player =
            CheckpointStore.Load(spec.Game, info.File).Game.Player AdversarialGame.Generator

        spec,
        info,
        (if arguments.Contains Raw then
             player.Network
         else
             player.Best)

/// `gan sample`
let sample (arguments: ParseResults<OutputArguments>) =
    let output = arguments.GetResult(Output, "samples.png")
    let spec, info, generator = loadGenerator arguments
    let count = arguments.GetResult(OutputArguments.Count, 64)
    let key = RandomKey.FromSeed(arguments.GetResult(Seed, 1L))

    if count < 1 || count > 1_000_000 then
        raise (UserException $"--count must be from 1 to 1000000; got {count}.")

    let sample =
        Sampling.Generate(spec.Generator, generator, key, count, spec.Game.Dtype)

    SampleFiles.Write(output, spec.Data.Space, sample)
    printfn $"{count} points of step {info.Step} in {Path.GetFullPath output}"
    ExitCode.ok

/// `gan export`
let export (arguments: ParseResults<OutputArguments>) =
    let output = arguments.GetResult(Output, "generator.safetensors")

    if not (output.EndsWith ".safetensors") then
        raise (UserException $"A generator is exported to a .safetensors file; got '{output}'.")

    let spec, info, generator = loadGenerator arguments
    PyTorchExport.Write(output, spec.Generator, generator)
    printfn $"the generator of step {info.Step} in {Path.GetFullPath output}"
    ExitCode.ok
