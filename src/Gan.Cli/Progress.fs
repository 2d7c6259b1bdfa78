namespace Gan.Cli

open System
open System.Collections.Generic
open System.Diagnostics
open Gan.Experiments

/// The lines that a person reads of a run's events, on a terminal and elsewhere.
module RunLines =
    let private shown =
        [ "critic/loss"; "generator/loss"; "critic/real_logit"; "critic/fake_logit" ]

    /// The losses and logits among values, by their names.
    let losses (values: IReadOnlyDictionary<string, float>) =
        shown
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

    let started (event: RunEvent.Started) =
        let verb =
            if event.FirstStep > 0L then
                $"resumed at step {event.FirstStep}"
            else
                "started"

        $"run {event.RunId} {verb}, {event.Spec.Threads} thread(s)"

    let evaluated (event: RunEvent.Evaluated) =
        let measures = event.Values |> measures |> pairs |> String.concat "  "
        $"step {event.Step}  {measures}"

    let detected (event: RunEvent.Detected) =
        let found = event.Detection
        $"step {event.Step}  {found.Name}: {found.Sentence}. {found.Advice}"

    let carrying (event: RunEvent.Carrying) =
        let time =
            if event.ToGo.HasValue then
                $", {Output.duration event.ToGo.Value}"
            else
                ""

        $"the run is over; writing it down, {Output.bytes event.Left} of the journal left{time}"

    let carried (event: RunEvent.Carried) =
        $"written down in {event.Took.TotalSeconds:F1} s"

/// Prints a run's events as lines, of its steps one now and then.
type Progress(steps: int64) =
    let interval = TimeSpan.FromSeconds 10.0
    let clock = Stopwatch.StartNew()
    let mutable first = 0L
    let mutable shown = TimeSpan.MinValue

    let show step values =
        let rate, left = RunLines.pace first step steps clock.Elapsed
        let losses = RunLines.pairs (RunLines.losses values)
        Console.Out.WriteLine(String.concat "  " ([ $"step {step}/{steps}"; rate; left ] @ losses))
        shown <- clock.Elapsed

    interface IRunObserver with
        member _.On happened =
            match happened with
            | :? RunEvent.Started as started ->
                first <- started.FirstStep

                if started.RunId <> "" then
                    Console.Out.WriteLine(RunLines.started started)

                clock.Restart()
            | :? RunEvent.Logged as logged ->
                if
                    shown = TimeSpan.MinValue
                    || clock.Elapsed - shown >= interval
                    || logged.Step = steps
                then
                    show logged.Step logged.Values
            | :? RunEvent.Evaluated as evaluated -> Console.Out.WriteLine(RunLines.evaluated evaluated)
            | :? RunEvent.Detected as detected -> Console.Out.WriteLine(RunLines.detected detected)
            | :? RunEvent.Untold as untold -> eprintfn $"gan: {untold.Sentence}"
            | :? RunEvent.Carrying as carrying -> Console.Out.WriteLine(RunLines.carrying carrying)
            | :? RunEvent.Carried as carried -> Console.Out.WriteLine(RunLines.carried carried)
            | _ -> ()

/// Prints a run's events as lines of JSON.
type JsonProgress() =
    interface IRunObserver with
        member _.On happened =
            match happened with
            | :? RunEvent.Started as started ->
                Output.json
                    {|
                        event = "started"
                        run = started.RunId
                        folder = started.Folder
                        name = started.Spec.Name
                        threads = started.Spec.Threads
                        step = started.FirstStep
                    |}
            | :? RunEvent.Logged as logged ->
                Output.json
                    {|
                        event = "logged"
                        step = logged.Step
                        values = logged.Values
                    |}
            | :? RunEvent.Evaluated as evaluated ->
                Output.json
                    {|
                        event = "evaluated"
                        step = evaluated.Step
                        values = evaluated.Values
                    |}
            | :? RunEvent.Pictured as pictured ->
                Output.json
                    {|
                        event = "pictured"
                        step = pictured.Step
                        file = pictured.File
                    |}
            | :? RunEvent.Detected as detected ->
                Output.json
                    {|
                        event = "detected"
                        step = detected.Step
                        name = detected.Detection.Name
                        sentence = detected.Detection.Sentence
                        advice = detected.Detection.Advice
                    |}
            | :? RunEvent.Saved as saved ->
                Output.json
                    {|
                        event = "saved"
                        step = saved.Step
                        file = saved.File
                    |}
            | :? RunEvent.Untold as untold ->
                Output.json
                    {|
                        event = "untold"
                        sentence = untold.Sentence
                    |}
            | :? RunEvent.Carrying as carrying ->
                Output.json
                    {|
                        event = "carrying"
                        left = carrying.Left
                        to_go =
                            (if carrying.ToGo.HasValue then
                                 Nullable carrying.ToGo.Value.TotalSeconds
                             else
                                 Nullable())
                    |}
            | :? RunEvent.Carried as carried ->
                Output.json
                    {|
                        event = "carried"
                        took = carried.Took.TotalSeconds
                    |}
            | _ -> ()
