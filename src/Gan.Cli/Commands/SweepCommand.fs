/// `gan sweep`: many runs of one experiment, and what came of them.
module Gan.Cli.SweepCommand

open System
open System.Collections.Generic
open Argu
open Gan.Experiments
open Gan.Cli.Failures

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
                    Output.known one.Metric.Mean
                    Output.known one.Metric.Deviation
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
        Output.event
            "ended"
            {|
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

        let line =
            outcome.History.Trials
            |> Seq.filter _.HasEnded
            |> Seq.countBy _.State
            |> Seq.sortBy fst
            |> Seq.map (fun (state, count) -> $"{count} {Output.word state}")
            |> String.concat ", "

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

/// Shows a sweep as who asked for it reads it.
let private observed json spec (work: ISweepObserver -> SweepOutcome) =
    if json then
        work (JsonSweepProgress())
    elif Terminal.isLive () then
        use screen = Terminal.screen ()
        work (LiveSweepProgress(screen, spec))
    else
        work (SweepProgress spec)

/// `gan sweep`
let run (arguments: ParseResults<SweepArguments>) =
    let json = arguments.Contains SweepArguments.Json

    let file =
        Arguments.required arguments "name a sweep, a YAML file" (arguments.GetResults SweepArguments.Sweep)

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

    OwnProcess.cancellable (fun cancellation ->
        observed json spec (fun observer -> SweepRunner(spec, options, observer).Run cancellation.Token)
        |> conclude json spec)
