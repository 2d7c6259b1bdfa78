/// `gan runs` and what it does with runs, and `gan sync`.
module Gan.Cli.RunsCommand

open System
open System.IO
open Argu
open Gan.Experiments
open Gan.Cli.Failures

let private cellText (value: objnull) =
    match value with
    | null -> ""
    | :? float as number -> Output.number number
    | other -> string other

let private moment (time: DateTimeOffset) =
    time.ToLocalTime().ToString "yyyy-MM-dd HH:mm:ss"

let private startTime = RunKey(RunEntity.Attribute, "start_time")

let private showAll json (columns: string list) (place: string) (query: RunQuery) =
    let keys = columns |> List.map RunKey.Parse
    let found = RunIndex.List(place, query.WithLimit(max query.Limit (query.Limit + 1)))
    let runs = found |> Seq.truncate query.Limit |> Array.ofSeq

    let values =
        if List.isEmpty keys || runs.Length = 0 then
            readOnlyDict []
        else
            use store = RunStores.Open place
            store.Values runs

    let cells (run: FoundRun) =
        keys
        |> List.map (fun key -> RunFilter.ValueOf(key, run, lazy (values[run.RunId])))

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
                    values = readOnlyDict (List.zip columns (cells run))
                |}
    elif runs.Length = 0 then
        if query = RunQuery.All.WithLimit query.Limit then
            printfn "no runs yet; start one with: gan train SPEC"
        else
            printfn "no such runs"
    else
        Output.table
            ([ "run"; "name"; "experiment"; "status"; "started"; "took" ] @ columns)
            [
                for run in runs ->
                    [
                        run.Folder.ShortId
                        run.Name
                        run.Experiment
                        run.Status
                        moment run.Start
                        (if run.End.HasValue then
                             Output.duration (run.End.Value - run.Start)
                         else
                             "")
                    ]
                    @ [
                        for key, cell in List.zip keys (cells run) ->
                            if key = startTime then moment run.Start else cellText cell
                    ]
            ]

        if found.Count > runs.Length then
            printfn $"the first {runs.Length}; there are more: --limit N"

let private show json (run: FoundRun) =
    let values = RunIndex.Values run

    if json then
        Output.json
            {|
                run = run.RunId
                name = run.Name
                experiment = run.Experiment
                status = run.Status
                start = run.Start
                ended = run.End
                folder = run.Folder.Path
                parameters = values.Parameters
                tags = values.Tags
                metrics = values.Metrics
            |}
    else
        printfn $"{run.RunId}  {run.Name}  ({run.Experiment})  {run.Status}"
        printfn $"{run.Folder.Path}"

        for title, rows in
            [
                "parameter", [ for pair in values.Parameters -> [ pair.Key; pair.Value ] ]
                "tag", [ for pair in values.Tags -> [ pair.Key; pair.Value.Split('\n')[0] ] ]
                "metric", [ for pair in values.Metrics -> [ pair.Key; Output.number pair.Value ] ]
            ] do
            if not rows.IsEmpty then
                printfn ""
                Output.table [ title; "" ] rows

/// The runs that a subcommand names; at least one.
let private named (arguments: ParseResults<'a>) (names: string list) find =
    names
    |> Arguments.several arguments "name a run"
    |> List.map find
    |> List.distinctBy (fun (run: FoundRun) -> run.RunId)

let private remove place (arguments: ParseResults<RemoveArguments>) =
    let forever = arguments.Contains Forever
    // What is to go for good may be removed already.
    let deleted: Nullable<bool> = if forever then Nullable() else Nullable false
    let find name = RunIndex.FindOnly(place, name, deleted)
    let runs = named arguments (arguments.GetResults RemoveArguments.Runs) find
    use store = RunStores.Open place

    for run in runs do
        if run.Status = "RUNNING" then
            raise (UserException $"The run {run.Folder.ShortId} is running; stop it first.")

    if forever then
        store.Erase(Array.ofList runs)
    else
        store.SetDeleted(Array.ofList runs, true)

    for run in runs do
        if forever then
            printfn $"{run.Folder.ShortId} {run.Name} is gone, and its files"
        else
            printfn $"{run.Folder.ShortId} {run.Name} is removed; bring it back: gan runs restore {run.Folder.ShortId}"

let private restore place (arguments: ParseResults<RestoreArguments>) =
    let runs =
        named arguments (arguments.GetResults RestoreArguments.Runs) (fun name -> RunIndex.FindOnly(place, name, true))

    use store = RunStores.Open place
    store.SetDeleted(Array.ofList runs, false)

    for run in runs do
        printfn $"{run.Folder.ShortId} {run.Name} is back"

let private export place (arguments: ParseResults<ExportArguments>) =
    let runs =
        named arguments (arguments.GetResults ExportArguments.Runs) (fun name -> RunIndex.Find(place, name))

    let output = arguments.GetResult(ExportArguments.Output, "runs.zip")
    RunExport.Write(output, Array.ofList runs)
    printfn $"{runs.Length} runs in {Path.GetFullPath output}"

/// `gan runs`
let run (arguments: ParseResults<RunsArguments>) =
    let place = arguments.GetResult(RunsArguments.Store, RunStores.Default)
    let json = arguments.Contains RunsArguments.Json

    if arguments.Contains RunsArguments.Store then
        RunStores.Require place

    // What was killed says so here, not RUNNING for ever.
    RunSync.Unfinished place |> ignore

    match arguments.TryGetSubCommand() with
    | Some(Show one) ->
        let name = one.GetResults ShowArguments.Run |> Arguments.required one "name a run"

        show json (RunIndex.Find(place, name))
    | Some(Rm runs) -> remove place runs
    | Some(Restore runs) -> restore place runs
    | Some(RunsArguments.Export runs) -> export place runs
    | _ ->
        let query =
            RunQuery(
                arguments.TryGetResult Experiment |> Option.toObj,
                RunFilter.Parse(arguments.GetResult(Filter, "")),
                arguments.TryGetResult Order |> Option.map RunOrder.Parse |> Option.toObj,
                Arguments.positive arguments "limit" (arguments.GetResult(Limit, 20)),
                arguments.Contains Deleted
            )

        showAll json (List.concat (arguments.GetResults Columns)) place query

    ExitCode.ok

/// `gan sync`
let sync (arguments: ParseResults<SyncArguments>) =
    let place = arguments.GetResult(SyncArguments.Store, RunStores.Default)
    let folders = arguments.GetResults SyncArguments.Folder

    let server =
        arguments.TryGetResult SyncArguments.Server
        |> Option.orElse (TrackingSpec.FromEnvironment().Server |> Option.ofObj)

    if folders.IsEmpty then
        RunStores.Require place

    match server with
    | Some address when not (RunStores.IsServer address) ->
        raise (UserException $"'{RunStores.Shown address}' is no server; write http://HOST:PORT or https://HOST.")
    | _ -> ()

    let synced = RunSync.All(place, folders, Option.toObj server)

    if arguments.Contains SyncArguments.Json then
        Output.json
            {|
                records = synced.Records
                ended = [ for run in synced.Ended -> run.RunId ]
                troubles = synced.Troubles
            |}
    else
        let targets =
            match server with
            | Some address -> $"{place} and {RunStores.Shown address}"
            | None -> place

        printfn $"{synced.Records} records carried to {targets}"

        for run in synced.Ended do
            printfn $"{run.ShortId} had ended without a word: FAILED; go on with it: gan train --resume {run.ShortId}"

    for trouble in synced.Troubles do
        eprintfn $"gan: {trouble}"

    ExitCode.okIf (synced.Troubles.Count = 0)
