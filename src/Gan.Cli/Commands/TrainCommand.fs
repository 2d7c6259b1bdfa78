module Gan.Cli.TrainCommand

open System
open System.IO
open System.Text.Json
open Argu
open Gan.Experiments
open Gan.Cli.Failures

/// The checkpoint that --pretrained names: a file, or a run's last one.
let private checkpoint store (name: string) =
    if File.Exists name then
        name
    else
        let run = RunIndex.Find(store, name)

        match CheckpointStore(run.Folder.Checkpoints, 1).FindLatest() |> Option.ofObj with
        | Some last -> last.File
        | None -> raise (UserException $"The run '{name}' has no checkpoint yet.")

/// Refuses a spec whose weights would move differently from the run's.
let private requireSameDynamics (run: FoundRun) (own: ExperimentSpec) (given: ExperimentSpec) =
    let given =
        if given.Threads = 0 && own.Threads > 0 then
            given.WithThreads own.Threads
        else
            given

    match List.ofSeq (own.DynamicsDifferences given) with
    | [] -> given
    | differences ->
        let named = String.Join(", ", differences)

        raise (
            UserException
                $"The spec differs from that of run {run.Folder.ShortId} in {named}. Leave the spec away to go on as before, or name each change: --resume {run.Folder.ShortId} --set KEY=VALUE"
        )

let private exitCode ending =
    match ending with
    | RunEnding.Finished
    | RunEnding.Paused -> ExitCode.ok
    | RunEnding.Diverged -> ExitCode.diverged
    | _ -> ExitCode.interrupted

let private conclude json (outcome: RunOutcome) =
    let ending = Output.word outcome.Ending

    if json then
        Output.event
            "ended"
            {|
                ending = ending
                run = outcome.RunId
                folder = outcome.Folder
                step = outcome.Step
                state_hash = outcome.StateHash
                values = outcome.Values
                note = outcome.Note
            |}
    else
        printfn $"{ending} at step {outcome.Step}, state {outcome.StateHash.Substring(0, 16)}"

        if outcome.Folder <> "" then
            let short = outcome.RunId.Substring(0, 8)
            printfn $"run       {outcome.Folder}"
            printfn $"pictures  {outcome.Folder}/artifacts/images"

            printfn $"store     {outcome.Store}   (mlflow ui, in its folder, shows it)"

            if outcome.Ending = RunEnding.Interrupted then
                printfn $"go on with: gan train --resume {short}"
            elif outcome.Ending = RunEnding.Finished then
                printfn $"draw from it: gan sample {short} --output samples.png"

    if outcome.Note <> "" then
        eprintfn $"gan: {outcome.Note}"

    exitCode outcome.Ending

/// Runs a trial of a sweep, for the process that started this one.
let private runTrial file attended =
    OwnProcess.cancellable (fun cancellation ->
        if attended then
            OwnProcess.cancelAtEndOfInput cancellation

        let ticket = TrialTicket.Read file
        // A sweep's own processes end with it; of a cluster's jobs, one that is lost may live.
        conclude true (ticket.Run(JsonProgress(), not attended, cancellation.Token)))

/// What the command line sets anew in the spec.
let private assignments (arguments: ParseResults<TrainArguments>) =
    let extensions =
        [
            for file in arguments.GetResults TrainArguments.Extension -> JsonSerializer.Serialize(Path.GetFullPath file)
        ]

    arguments.GetResults TrainArguments.Set
    @ [ for count in arguments.GetResults Threads -> $"threads={count}" ]
    @ (if extensions.IsEmpty then
           []
       else
           let list = String.Join(", ", extensions)
           [ $"extensions=[{list}]" ])

/// What is to be run: the run that is gone on with, where one is; the spec, and its file; the checkpoint that a new run
/// begins with.
type private Request =
    {
        Found: FoundRun option
        Spec: ExperimentSpec
        File: string
        Pretrained: string option
    }

let private request (arguments: ParseResults<TrainArguments>) =
    if arguments.Contains Resume && arguments.Contains TrainArguments.Pretrained then
        arguments.Raise "--resume goes on with a run's own weights; it goes without --pretrained"

    let store = arguments.GetResult(TrainArguments.Store, RunStores.Default)
    let assignments = assignments arguments

    let found =
        arguments.TryGetResult TrainArguments.Resume
        |> Option.map (fun run -> RunIndex.Find(store, run))

    let spec, file =
        match found, Arguments.single arguments (arguments.GetResults TrainArguments.Spec) with
        | None, None -> arguments.Raise "name a spec, or a run with --resume"
        | None, Some path -> ExperimentSpec.Load(path, assignments), path
        | Some run, None -> run.ReadSpec assignments, run.Folder.Spec
        | Some run, Some path ->
            requireSameDynamics run (run.ReadSpec assignments) (ExperimentSpec.Load(path, assignments)), path

    {
        Found = found
        Spec = spec
        File = file
        Pretrained =
            arguments.TryGetResult TrainArguments.Pretrained
            |> Option.map (checkpoint store)
    }

let private introduce (spec: ExperimentSpec) =
    printfn $"{spec.Name}: {spec.Data.Kind}, {spec.Steps} steps of batch {spec.BatchSize}, seed {spec.Seed}"

    if spec.Notes <> "" then
        printfn $"{spec.Notes.TrimEnd()}"

/// Shows a run as who asked for it reads it.
let private observed json steps (work: IRunObserver -> RunOutcome) =
    if json then
        work (JsonProgress())
    elif Terminal.isLive () then
        use screen = Terminal.screen ()
        work (LiveProgress(screen, steps))
    else
        work (Progress steps)

let private train json (request: Request) =
    OwnProcess.cancellable (fun cancellation ->
        observed json request.Spec.Steps (fun observer ->
            match request.Found with
            | Some run -> ExperimentRunner.Resume(run, request.Spec, RunContinuation(), observer, cancellation.Token)
            | None ->
                let start = RunStart.New.WithPretrained(Option.toObj request.Pretrained)
                ExperimentRunner.Train(request.Spec, start, observer, cancellation.Token))
        |> conclude json)

/// Runs an experiment as a job of a cluster.
let private submit json assignments sbatch (request: Request) =
    let host = SlurmHost(OwnProcess.command (), Array.ofList sbatch)
    let clock = Diagnostics.Stopwatch.StartNew()
    let mutable shown = -1L
    let mutable id = ""

    let begun (folder: RunFolder) =
        id <- folder.ShortId

        if json then
            Output.event
                "submitted"
                {|
                    run = folder.RunId
                    folder = folder.Path
                |}
        else
            printfn $"run {folder.RunId} submitted"

    let changed (running: RunningTrial) =
        if not json && running.Step <> shown && clock.Elapsed.TotalSeconds >= 5.0 then
            shown <- running.Step
            clock.Restart()
            printfn $"step {running.Step}"

    let submission =
        Submission(
            request.File,
            Array.ofList assignments,
            Resumed = Option.toObj request.Found,
            Pretrained = Option.toObj request.Pretrained
        )

    OwnProcess.cancellable (fun cancellation ->
        let ending =
            SubmittedRun.Follow(host, submission, begun, changed, cancellation.Token)
            |> Option.ofNullable

        let word = ending |> Option.map Output.word |> Option.defaultValue "failed"

        if json then
            Output.event "ended" {| ending = word |}
        else
            printfn $"{word}"

            if ending = Some RunEnding.Interrupted then
                printfn $"go on with: gan train --resume {id} --slurm"

        ending |> Option.map exitCode |> Option.defaultValue ExitCode.failed)

/// `gan train`
let run (arguments: ParseResults<TrainArguments>) =
    match arguments.TryGetResult Ticket with
    | Some file -> runTrial file (arguments.Contains Attended)
    | None when
        arguments.Contains TrainArguments.Sbatch
        && not (arguments.Contains TrainArguments.Slurm)
        ->
        arguments.Raise "--sbatch goes with --slurm"
    | None ->
        let json = arguments.Contains TrainArguments.Json
        let request = request arguments

        if not json then
            introduce request.Spec

        if arguments.Contains TrainArguments.Slurm then
            submit json (assignments arguments) (arguments.GetResults TrainArguments.Sbatch) request
        else
            train json request
