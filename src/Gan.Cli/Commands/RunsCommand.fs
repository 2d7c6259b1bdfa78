/// `gan runs` and what it does with runs, and `gan sync`.
module Gan.Cli.RunsCommand

open System
open System.IO
open Argu
open Gan.Experiments
open Gan.Cli.Failures

let private short (run: FoundRun) =
    run.RunId.Substring(0, min 8 run.RunId.Length)

let private cellText (value: objnull) =
    match value with
    | null -> ""
    | :? float as number -> Output.number number
    | other -> string other

let private showAll json (columns: string list) (place: string) (query: RunQuery) =
    let keys = columns |> List.map RunKey.Parse
    let runs = RunIndex.List(place, query)

    let values =
        if List.isEmpty keys || runs.Count = 0 then
            readOnlyDict []
        else
            use store = RunStores.Open place
            store.Values runs

    let cells (run: FoundRun) =
        keys |> List.map (fun key -> RunFilter.ValueOf(key, run, values[run.RunId]))

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
    elif runs.Count = 0 then
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
                        short run
                        run.Name
                        run.Experiment
                        run.Status
                        run.Start.ToLocalTime().ToString "yyyy-MM-dd HH:mm:ss"
                        (if run.End.HasValue then
                             Output.duration (run.End.Value - run.Start)
                         else
                             "")
                    ]
                    @ List.map cellText (cells run)
            ]

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
    match names |> List.tryFind _.StartsWith("-"), names with
    | Some option, _ -> arguments.Raise $"there is no option '{option}'"
    | None, [] -> arguments.Raise "name a run"
    | None, names -> names |> List.map find |> List.distinctBy (fun (run: FoundRun) -> run.RunId)

let private remove place (arguments: ParseResults<RemoveArguments>) =
    let names = arguments.GetResults RemoveArguments.Runs
    let forever = arguments.Contains Forever

    // What is to go for good may be removed already.
    let find name =
        if forever then
            RunIndex.FindAny(place, name)
        else
            RunIndex.Find(place, name)

    let runs = named arguments names find
    use store = RunStores.Open place

    for run in runs do
        if run.Status = "RUNNING" then
            raise (UserException $"The run {short run} is running; stop it first.")

    if forever then
        store.Erase(Array.ofList runs)
    else
        store.SetDeleted(Array.ofList runs, true)

    for run in runs do
        if forever then
            printfn $"{short run} {run.Name} is gone, and its files"
        else
            printfn $"{short run} {run.Name} is removed; bring it back: gan runs restore {short run}"

let private restore place (arguments: ParseResults<RestoreArguments>) =
    let runs =
        named arguments (arguments.GetResults RestoreArguments.Runs) (fun name -> RunIndex.FindAny(place, name))

    use store = RunStores.Open place
    store.SetDeleted(Array.ofList runs, false)

    for run in runs do
        printfn $"{short run} {run.Name} is back"

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

    if arguments.Contains RunsArguments.Store && not (RunStores.Exists place) then
        raise (UserException $"There is no store '{place}'.")

    // What was killed says so here, not RUNNING for ever.
    RunSync.Unfinished place |> ignore

    match arguments.TryGetSubCommand() with
    | Some(Show one) ->
        match Arguments.single one (one.GetResults ShowArguments.Run) with
        | Some name -> show json (RunIndex.Find(place, name))
        | None -> one.Raise "name a run"
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

    if folders.IsEmpty && not (RunStores.Exists place) then
        raise (UserException $"There is no store '{place}'.")

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
            | Some address -> $"{Path.GetFullPath place} and {Uri(address).Authority}"
            | None -> Path.GetFullPath place

        printfn $"{synced.Records} records carried to {targets}"

        for run in synced.Ended do
            let short = run.RunId.Substring(0, 8)
            printfn $"{short} had ended without a word: FAILED; go on with it: gan train --resume {short}"

    for trouble in synced.Troubles do
        eprintfn $"gan: {trouble}"

    if synced.Troubles.Count = 0 then
        ExitCode.ok
    else
        ExitCode.failed
