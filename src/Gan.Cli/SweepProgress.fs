namespace Gan.Cli

open System
open System.Collections.Generic
open Spectre.Console
open Spectre.Console.Rendering
open Gan.Experiments

/// The lines that a person reads of a sweep's events, on a terminal and elsewhere.
module SweepLines =
    let state (standing: TrialStanding) =
        match standing.State with
        | TrialState.Paused -> $"at rung {standing.Rung}"
        | state -> Output.word state

    let began (sweep: FoundSweep) (history: SweepHistory) =
        let verb =
            match history.Ended with
            | 0 -> "begins"
            | ended -> $"goes on after {ended} runs"

        $"sweep {sweep.Folder.RunId} {verb}, {history.Threads} thread(s) a run"

    let told (metric: SweepMetric) (standing: TrialStanding) =
        let value =
            if standing.Values.Count > 0 then
                $"  {metric.Name} {Output.number standing.Value}"
            else
                ""

        let note = if standing.Note = "" then "" else $"  {standing.Note}"
        let values = String.concat " " (standing.Trial.ToAssignments())
        $"  {standing.Trial.Index, 4}  {values}  {state standing}{value}{note}"

/// Prints a line for every trial that ends.
type SweepProgress(spec: SweepSpec) =
    interface ISweepObserver with
        member _.Began(sweep, history) =
            Console.Out.WriteLine(SweepLines.began sweep history)

        member _.Changed(_, _) = ()

        member _.OnTrial standing =
            Console.Out.WriteLine(SweepLines.told spec.Metric standing)

        member _.Noted sentence = eprintfn $"gan: {sentence}"

/// A trial of a sweep as a row of a table.
type TrialRow =
    {
        Index: int
        Values: (string * string) list
        State: TrialState
        Status: string
        Step: string
        Metric: float
    }

/// A sweep as a terminal shows it while it goes on.
module SweepView =
    let private row (spec: SweepSpec) (running: IReadOnlyDictionary<int, RunningTrial>) (standing: TrialStanding) =
        let steps = spec.Base.Steps
        let index = standing.Trial.Index

        let status, step, value =
            match running.TryGetValue index, standing.State with
            | (true, trial), _ ->
                "running", $"{trial.Step}/{steps}", trial.Values.GetValueOrDefault(spec.Metric.Name, standing.Value)
            | _, TrialState.Open -> "waiting", "", standing.Value
            | _, TrialState.Finished -> SweepLines.state standing, $"{steps}/{steps}", standing.Value
            | _ -> SweepLines.state standing, "", standing.Value

        {
            Index = index
            Values =
                [ for pair in standing.Trial.Values -> pair.Key, pair.Value ]
                @ [ "seed", string standing.Trial.Seed ]
            State = standing.State
            Status = status
            Step = step
            Metric = value
        }

    /// The trials of a sweep, those that run as they stand now.
    let rows (spec: SweepSpec) (history: SweepHistory) (running: IReadOnlyList<RunningTrial>) =
        let running = readOnlyDict [ for trial in running -> trial.Trial.Index, trial ]
        [ for standing in history.Trials -> row spec running standing ]

    /// The index of the trial whose metric is the best so far, of those that have come to no bad end.
    let best (maximize: bool) (rows: TrialRow list) =
        rows
        |> List.filter (fun row ->
            Double.IsFinite row.Metric
            && row.State <> TrialState.Diverged
            && row.State <> TrialState.Failed)
        |> function
            | [] -> None
            | known when maximize -> Some (List.maxBy _.Metric known).Index
            | known -> Some (List.minBy _.Metric known).Index

    // Those that run first, then the best, then what ended last, then what waits.
    let private choose room best (rows: TrialRow list) =
        rows
        |> List.sortBy (fun row ->
            match row.Status with
            | "running" -> 0, row.Index
            | _ when best = Some row.Index -> 1, row.Index
            | "waiting" -> 3, row.Index
            | _ -> 2, -row.Index)
        |> List.truncate room
        |> List.sortBy _.Index

    /// As many trials as a window has room for, each in a line, under a header, and a summary.
    let content (metric: SweepMetric) (summary: string) (rows: TrialRow list) (width: int, height: int) : IRenderable =
        let best = best metric.Maximize rows
        // Above and below the trials are the header, the number of those that are left out, the summary and the cursor.
        let shown = choose (max 1 (height - 4)) best rows

        let names =
            shown |> List.collect (fun row -> List.map fst row.Values) |> List.distinct

        let cells row =
            let values = Map.ofList row.Values

            [ string row.Index ]
            @ [ for name in names -> Map.tryFind name values |> Option.defaultValue "" ]
            @ [
                row.Status
                row.Step
                Output.known row.Metric
                (if best = Some row.Index then "*" else "")
            ]

        let header = [ "trial" ] @ names @ [ "status"; "step"; metric.Name; "" ]

        Rows
            [
                if not shown.IsEmpty then
                    Terminal.linesOf width (Set.ofList names) header (List.map cells shown)

                if shown.Length < rows.Length then
                    Text $"and {rows.Length - shown.Length} more"

                Terminal.text summary
            ]

/// Shows a sweep on a terminal: a table of its trials in the last lines of the window, and what went wrong above it.
type LiveSweepProgress(screen: Terminal.Screen, spec: SweepSpec) =
    let summary (history: SweepHistory) running =
        let planned =
            match Option.ofNullable spec.RunCap with
            | Some cap -> $" of {cap}"
            | None -> ""

        let waiting = history.Trials.Count - history.Ended - running
        $"{history.Ended}{planned} runs ended, {running} running, {waiting} waiting"

    interface ISweepObserver with
        member _.Began(sweep, history) =
            Console.Out.WriteLine(SweepLines.began sweep history)

        member _.Changed(history, running) =
            let rows = SweepView.rows spec history running
            screen.Show(SweepView.content spec.Metric (summary history running.Count) rows)

        member _.OnTrial standing =
            if standing.Note <> "" then
                screen.Above(fun () -> Console.Out.WriteLine(Terminal.clean (SweepLines.told spec.Metric standing)))

        member _.Noted sentence =
            screen.Above(fun () -> eprintfn $"gan: {sentence}")

/// Prints a sweep's events as lines of JSON.
type JsonSweepProgress() =
    interface ISweepObserver with
        member _.Began(sweep, history) =
            Output.event
                "began"
                {|
                    sweep = sweep.Folder.RunId
                    folder = sweep.Folder.Path
                    threads = history.Threads
                    ended = history.Ended
                |}

        member _.Changed(_, _) = ()

        member _.OnTrial standing =
            Output.event
                "trial"
                {|
                    trial = standing.Trial.Index
                    run = standing.Trial.RunId
                    state = Output.word standing.State
                    values = standing.Trial.Values
                    seed = standing.Trial.Seed
                    metric = standing.Value
                    note = standing.Note
                |}

        member _.Noted sentence =
            Output.event "noted" {| sentence = sentence |}
