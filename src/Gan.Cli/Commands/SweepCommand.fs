/// `gan sweep`: many runs of one experiment, and what came of them.
module Gan.Cli.SweepCommand

open System
open System.Collections.Generic
open Argu
open Gan.Experiments
open Gan.Cli.Failures

let private values (trial: SweepTrial) =
    String.concat
        " "
        [
            for pair in trial.Values do
                $"{pair.Key}={pair.Value}"

            $"seed={trial.Seed}"
        ]

let private state (standing: TrialStanding) =
    standing.State.ToString().ToLowerInvariant()

/// Shows a sweep to a person: a block that moves on a terminal, a line for every end elsewhere.
type private SweepProgress(spec: SweepSpec) =
    let terminal = not Console.IsOutputRedirected
    let mutable drawn = 0

    let clear () =
        if drawn > 0 then
            Console.Out.Write $"\027[{drawn}A\r\027[J"
            drawn <- 0

    let fit (line: string) =
        line.Substring(0, min line.Length (max 20 (Console.WindowWidth - 1)))

    interface ISweepObserver with
        member _.Began(sweep, history) =
            let verb =
                if history.Ended > 0 then
                    $"goes on after {history.Ended} runs"
                else
                    "begins"

            printfn $"sweep {sweep.Folder.RunId} {verb}, {history.Threads} thread(s) a run"

        member _.Changed(history, running) =
            if terminal then
                let lines =
                    [
                        for trial in running do
                            let metric =
                                match trial.Values.TryGetValue spec.Metric.Name with
                                | true, value -> $"  {spec.Metric.Name} {Output.number value}"
                                | _ -> ""

                            $"  {trial.Trial.Index, 4}  step {trial.Step} of {spec.Base.Steps}{metric}  {values trial.Trial}"
                    ]

                let room = max 1 (Console.WindowHeight - 3)

                let shown =
                    [
                        yield! List.truncate room lines

                        if lines.Length > room then
                            $"  and {lines.Length - room} more"

                        let planned =
                            if spec.RunCap.HasValue then
                                $" of {spec.RunCap.Value}"
                            else
                                ""

                        $"{history.Ended}{planned} runs ended, {running.Count} running, {history.Trials.Count - history.Ended - running.Count} waiting"
                    ]

                clear ()
                shown |> List.iter (fit >> Console.Out.WriteLine)
                drawn <- shown.Length

        member _.Told standing =
            clear ()

            let value =
                if standing.Values.Count > 0 then
                    $"  {spec.Metric.Name} {Output.number standing.Value}"
                else
                    ""

            let note = if standing.Note = "" then "" else $"  {standing.Note}"

            let what =
                if standing.State = TrialState.Paused then
                    $"at rung {standing.Rung}"
                else
                    state standing

            printfn $"  {standing.Trial.Index, 4}  {values standing.Trial}  {what}{value}{note}"

        member _.Noted sentence =
            clear ()
            eprintfn $"gan: {sentence}"

/// Prints a sweep's events as lines of JSON.
type private JsonSweepProgress() =
    interface ISweepObserver with
        member _.Began(sweep, history) =
            Output.json
                {|
                    event = "began"
                    sweep = sweep.Folder.RunId
                    folder = sweep.Folder.Path
                    threads = history.Threads
                    ended = history.Ended
                |}

        member _.Changed(_, _) = ()

        member _.Told standing =
            Output.json
                {|
                    event = "trial"
                    trial = standing.Trial.Index
                    run = standing.Trial.RunId
                    state = state standing
                    values = standing.Trial.Values
                    seed = standing.Trial.Seed
                    metric = standing.Value
                    note = standing.Note
                |}

        member _.Noted sentence =
            Output.json
                {|
                    event = "noted"
                    sentence = sentence
                |}

/// A mean with its interval, as far as the number of values allows.
let private interval (summary: Summary) =
    if Double.IsNaN summary.Low then
        ""
    else
        $"{Output.number summary.Low} to {Output.number summary.High}"

let private printRanking (spec: SweepSpec) (ranking: RankedConfiguration seq) =
    let names =
        ranking
        |> Seq.collect (fun one -> one.Values.Keys)
        |> Seq.distinct
        |> List.ofSeq

    let rows =
        [
            for one in Seq.truncate 20 ranking ->
                [ string one.Rank ]
                @ [ for name in names -> string (one.Values.GetValueOrDefault(name, "")) ]
                @ [
                    string one.Metric.Count
                    (if one.Metric.Count > 0 then
                         Output.number one.Metric.Mean
                     else
                         "")
                    (if Double.IsNaN one.Metric.Deviation then
                         ""
                     else
                         Output.number one.Metric.Deviation)
                    interval one.Metric
                    (if one.Lost > 0 then string one.Lost else "")
                ]
        ]

    if not rows.IsEmpty then
        printfn ""

        Output.table
            ([ "rank" ]
             @ names
             @ [ "runs"; $"mean {spec.Metric.Name}"; "deviation"; "95 % interval"; "lost" ])
            rows

let private conclude json (spec: SweepSpec) (outcome: SweepOutcome) =
    let ranking = SweepRanking.Of(spec.Metric, outcome.History)
    let short = outcome.Sweep.Folder.ShortId

    if json then
        Output.json
            {|
                event = "ended"
                sweep = outcome.Sweep.Folder.RunId
                complete = outcome.Complete
                report = outcome.Report
                ranking =
                    [
                        for one in ranking ->
                            {|
                                rank = one.Rank
                                values = one.Values
                                runs = one.Metric.Count
                                mean = one.Metric.Mean
                                deviation = one.Metric.Deviation
                                low = one.Metric.Low
                                high = one.Metric.High
                                lost = one.Lost
                            |}
                    ]
            |}
    else
        printRanking spec ranking

        let count wanted =
            outcome.History.Trials
            |> Seq.filter (fun trial -> trial.State = wanted)
            |> Seq.length

        let ends =
            [
                TrialState.Finished
                TrialState.Stopped
                TrialState.Diverged
                TrialState.Failed
                TrialState.Refused
            ]
            |> List.filter (fun wanted -> count wanted > 0)
            |> List.map (fun wanted -> $"{count wanted} {wanted.ToString().ToLowerInvariant()}")

        let line = String.Join(", ", ends)
        printfn $"\nsweep {short}: {line}"

        match outcome.Report with
        | null -> ()
        | report -> printfn $"report    {report}"

        if not outcome.Complete then
            printfn "interrupted; the same command goes on with it"

    let some state =
        outcome.History.Trials |> Seq.exists (fun trial -> trial.State = state)

    if not outcome.Complete then
        ExitCode.interrupted
    elif some TrialState.Failed then
        ExitCode.failed
    elif ranking |> Seq.exists (fun one -> one.Metric.Count > 0) then
        ExitCode.ok
    else
        eprintfn $"gan: No run came to a finite value of {spec.Metric.Name}."

        if some TrialState.Diverged then
            ExitCode.diverged
        else
            ExitCode.failed

/// `gan sweep`
let run (arguments: ParseResults<SweepArguments>) =
    let json = arguments.Contains SweepArguments.Json

    let file =
        (arguments.GetResults SweepArguments.Sweep)
        |> Arguments.required arguments "name a sweep, a YAML file"

    let spec = SweepSpec.Load(file, arguments.GetResults SweepArguments.Set)

    let slurm = arguments.Contains SweepArguments.Slurm

    let workers =
        Arguments.positive arguments "workers" (arguments.GetResult(Workers, (if slurm then 1000 else 1)))

    if arguments.Contains SweepArguments.Sbatch && not slurm then
        arguments.Raise "--sbatch goes with --slurm"

    let host =
        if slurm then
            SlurmHost(OwnProcess.command (), Array.ofList (arguments.GetResults SweepArguments.Sbatch)) :> ITrialHost
        else
            LocalHost(OwnProcess.command ())

    let options = SweepOptions(workers, host, arguments.Contains Retry)

    if not json then
        printfn $"{spec.Name}: {spec.Base.Name} varied, {workers} at a time"

        if spec.Notes <> "" then
            printfn $"{spec.Notes.TrimEnd()}"

    let observer =
        if json then
            JsonSweepProgress() :> ISweepObserver
        else
            SweepProgress spec

    OwnProcess.cancellable (fun cancellation ->
        conclude json spec (SweepRunner(spec, options, observer).Run cancellation.Token))
