namespace Gan.Cli

open System
open System.Collections.Generic
open System.Diagnostics
open Gan.Experiments

/// The lines that a person reads of a run's events, on a terminal and elsewhere.
module RunLines =
    /// The losses and logits among values, by their names.
    let losses (values: IReadOnlyDictionary<string, float>) =
        [
            "discriminator/loss"
            "generator/loss"
            "discriminator/real_logit"
            "discriminator/fake_logit"
        ]
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

    /// What is printed of an event, where it is the same on a terminal and elsewhere.
    let line (happened: RunEvent) =
        happened.Match(
            started =
                (fun event ->
                    let verb =
                        match event.FirstStep with
                        | 0L -> "started"
                        | step -> $"resumed at step {step}"

                    if event.RunId = "" then
                        None
                    else
                        Some $"run {event.RunId} {verb}, {event.Spec.Threads} thread(s)"),
            stepLogged = (fun _ -> None),
            evaluated =
                (fun event ->
                    let measures = event.Values |> measures |> pairs |> String.concat "  "
                    Some $"step {event.Step}  {measures}"),
            samplesSaved = (fun _ -> None),
            checkpointSaved = (fun _ -> None),
            detected =
                (fun event ->
                    let found = event.Detection
                    Some $"step {event.Step}  {found.Name}: {found.Message}. {found.Advice}"),
            warning = (fun _ -> None),
            draining = (fun _ -> None),
            drainFinished = (fun event -> Some $"tracking finished in {event.Elapsed.TotalSeconds:F1} s")
        )

    let draining (event: RunEvent.Draining) =
        let time =
            match Option.ofNullable event.Remaining with
            | Some time -> $", {Output.duration time}"
            | None -> ""

        $"training is done; tracking has {Output.bytes event.BytesLeft} of the journal to write{time}"

/// Prints a run's events as lines, of its steps one now and then.
type Progress(steps: int64) =
    let interval = TimeSpan.FromSeconds 10.0
    let clock = Stopwatch.StartNew()
    let mutable first = 0L
    let mutable shown = TimeSpan.MinValue

    let logged (event: RunEvent.StepLogged) =
        if
            shown = TimeSpan.MinValue
            || clock.Elapsed - shown >= interval
            || event.Step = steps
        then
            let pace, left = RunLines.pace first event.Step steps clock.Elapsed
            let losses = RunLines.pairs (RunLines.losses event.Values)
            Console.Out.WriteLine(String.concat "  " ([ $"step {event.Step}/{steps}"; pace; left ] @ losses))
            shown <- clock.Elapsed

    interface IRunObserver with
        member _.On happened =
            RunLines.line happened |> Option.iter (fun line -> Console.Out.WriteLine line)

            happened.Match(
                started =
                    (fun event ->
                        first <- event.FirstStep
                        clock.Restart()),
                stepLogged = logged,
                evaluated = ignore,
                samplesSaved = ignore,
                checkpointSaved = ignore,
                detected = ignore,
                warning = (fun event -> eprintfn $"gan: {event.Message}"),
                draining = (fun event -> Console.Out.WriteLine(RunLines.draining event)),
                drainFinished = ignore
            )

/// Prints a run's events as lines of JSON.
type JsonProgress() =
    interface IRunObserver with
        member _.On happened =
            happened.Match(
                started =
                    (fun event ->
                        Output.event
                            "started"
                            {|
                                run = event.RunId
                                folder = event.Folder
                                name = event.Spec.Name
                                threads = event.Spec.Threads
                                step = event.FirstStep
                            |}),
                stepLogged = Output.event "step_logged",
                evaluated = Output.event "evaluated",
                samplesSaved = Output.event "samples_saved",
                checkpointSaved = Output.event "checkpoint_saved",
                detected =
                    (fun event ->
                        Output.event
                            "detected"
                            {|
                                step = event.Step
                                name = event.Detection.Name
                                message = event.Detection.Message
                                advice = event.Detection.Advice
                            |}),
                warning = Output.event "warning",
                draining =
                    (fun event ->
                        let seconds = event.Remaining |> Option.ofNullable |> Option.map _.TotalSeconds

                        Output.event
                            "draining"
                            {|
                                bytes_left = event.BytesLeft
                                seconds_remaining = Option.toNullable seconds
                            |}),
                drainFinished =
                    (fun event ->
                        Output.event
                            "drain_finished"
                            {|
                                seconds = event.Elapsed.TotalSeconds
                            |})
            )
