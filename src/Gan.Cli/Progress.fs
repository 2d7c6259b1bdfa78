namespace Gan.Cli

open System
open System.Collections.Generic
open System.Diagnostics
open Gan.Experiments

/// The lines that a person reads of a run's events, on a terminal and elsewhere.
module RunLines =
    /// The losses and logits among values, by their names.
    let losses (values: IReadOnlyDictionary<string, float>) =
        [ "critic/loss"; "generator/loss"; "critic/real_logit"; "critic/fake_logit" ]
        |> List.filter values.ContainsKey
        |> List.map (fun name -> name, values[name])

    /// The measures of an evaluation, by their names without the folder.
    let measures (values: IReadOnlyDictionary<string, float>) =
        [
            for pair in values -> pair.Key.Substring(pair.Key.IndexOf '/' + 1), pair.Value
        ]

    /// Names and values side by side.
    let pairs values =
        [ for name, value in values -> $"{name} {Output.number value}" ]

    /// Steps per second since the first step, and the time that the steps left take.
    let pace first step steps (elapsed: TimeSpan) =
        let rate = float (step - first) / elapsed.TotalSeconds
        let left = float (steps - step) / rate
        $"{Output.number rate} steps/s", $"{Output.duration (TimeSpan.FromSeconds(min left 1e11))} left"

    /// What is said of an event, where it is the same on a terminal and elsewhere.
    let line (happened: RunEvent) =
        match happened with
        | :? RunEvent.Started as event when event.RunId <> "" ->
            let verb =
                match event.FirstStep with
                | 0L -> "started"
                | step -> $"resumed at step {step}"

            Some $"run {event.RunId} {verb}, {event.Spec.Threads} thread(s)"
        | :? RunEvent.Evaluated as event ->
            let measures = event.Values |> measures |> pairs |> String.concat "  "
            Some $"step {event.Step}  {measures}"
        | :? RunEvent.Detected as event ->
            let found = event.Detection
            Some $"step {event.Step}  {found.Name}: {found.Sentence}. {found.Advice}"
        | :? RunEvent.Carried as event -> Some $"written down in {event.Took.TotalSeconds:F1} s"
        | _ -> None

    let carrying (event: RunEvent.Carrying) =
        let time =
            match Option.ofNullable event.ToGo with
            | Some time -> $", {Output.duration time}"
            | None -> ""

        $"the run is over; writing it down, {Output.bytes event.Left} of the journal left{time}"

/// Prints a run's events as lines, of its steps one now and then.
type Progress(steps: int64) =
    let interval = TimeSpan.FromSeconds 10.0
    let clock = Stopwatch.StartNew()
    let mutable first = 0L
    let mutable shown = TimeSpan.MinValue

    interface IRunObserver with
        member _.On happened =
            RunLines.line happened |> Option.iter (fun line -> Console.Out.WriteLine line)

            match happened with
            | :? RunEvent.Started as started ->
                first <- started.FirstStep
                clock.Restart()
            | :? RunEvent.Logged as logged ->
                if
                    shown = TimeSpan.MinValue
                    || clock.Elapsed - shown >= interval
                    || logged.Step = steps
                then
                    let rate, left = RunLines.pace first logged.Step steps clock.Elapsed
                    let losses = RunLines.pairs (RunLines.losses logged.Values)
                    Console.Out.WriteLine(String.concat "  " ([ $"step {logged.Step}/{steps}"; rate; left ] @ losses))
                    shown <- clock.Elapsed
            | :? RunEvent.Untold as untold -> eprintfn $"gan: {untold.Sentence}"
            | :? RunEvent.Carrying as carrying -> Console.Out.WriteLine(RunLines.carrying carrying)
            | _ -> ()

/// Prints a run's events as lines of JSON.
type JsonProgress() =
    interface IRunObserver with
        member _.On happened =
            match happened with
            | :? RunEvent.Started as started ->
                Output.event
                    "started"
                    {|
                        run = started.RunId
                        folder = started.Folder
                        name = started.Spec.Name
                        threads = started.Spec.Threads
                        step = started.FirstStep
                    |}
            | :? RunEvent.Detected as detected ->
                Output.event
                    "detected"
                    {|
                        step = detected.Step
                        name = detected.Detection.Name
                        sentence = detected.Detection.Sentence
                        advice = detected.Detection.Advice
                    |}
            | :? RunEvent.Carrying as carrying ->
                let seconds = carrying.ToGo |> Option.ofNullable |> Option.map _.TotalSeconds

                Output.event
                    "carrying"
                    {|
                        left = carrying.Left
                        to_go = Option.toNullable seconds
                    |}
            | :? RunEvent.Carried as carried -> Output.event "carried" {| took = carried.Took.TotalSeconds |}
            | others -> Output.event (others.GetType().Name.ToLowerInvariant()) others
