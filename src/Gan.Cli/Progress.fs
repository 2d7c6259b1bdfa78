namespace Gan.Cli

open System
open System.Collections.Generic
open System.Diagnostics
open Gan.Experiments

/// Shows a run's events to a person: one line that moves on a terminal, a line now and then elsewhere.
type Progress(steps: int64) =
    let terminal = not Console.IsOutputRedirected

    let interval =
        if terminal then
            TimeSpan.FromSeconds 0.2
        else
            TimeSpan.FromSeconds 10.0

    let clock = Stopwatch.StartNew()
    let mutable first = 0L
    let mutable shown = TimeSpan.MinValue

    let clear () =
        if terminal then
            Console.Out.Write "\r\027[K"

    let shownMetrics =
        [ "critic/loss"; "generator/loss"; "critic/real_logit"; "critic/fake_logit" ]

    let line step (values: IReadOnlyDictionary<string, float>) =
        let made = float (step - first)
        let rate = made / clock.Elapsed.TotalSeconds
        let left = TimeSpan.FromSeconds(float (steps - step) / rate)

        let metrics =
            shownMetrics
            |> List.filter values.ContainsKey
            |> List.map (fun name -> $"{name} {Output.number values[name]}")

        String.concat
            "  "
            ([
                $"step {step}/{steps}"
                $"{Output.number rate} steps/s"
                $"{Output.duration left} left"
             ]
             @ metrics)

    let show step values =
        clear ()
        let text = line step values

        if terminal then
            Console.Out.Write(text.Substring(0, min text.Length (max 20 (Console.WindowWidth - 1))))
        else
            Console.Out.WriteLine text

        shown <- clock.Elapsed

    /// Ends the moving line.
    member _.Done() = clear ()

    interface IRunObserver with
        member _.On happened =
            match happened with
            | :? RunEvent.Started as started ->
                first <- started.FirstStep

                if started.RunId <> "" then
                    let verb = if first > 0L then $"resumed at step {first}" else "started"
                    Console.Out.WriteLine $"run {started.RunId} {verb}, {started.Spec.Threads} thread(s)"

                clock.Restart()
            | :? RunEvent.Logged as logged ->
                if
                    shown = TimeSpan.MinValue
                    || clock.Elapsed - shown >= interval
                    || logged.Step = steps
                then
                    show logged.Step logged.Values
            | :? RunEvent.Evaluated as evaluated ->
                clear ()

                let values =
                    evaluated.Values
                    |> Seq.map (fun pair ->
                        $"{pair.Key.Substring(pair.Key.IndexOf '/' + 1)} {Output.number pair.Value}")
                    |> String.concat "  "

                Console.Out.WriteLine $"step {evaluated.Step}  {values}"
            | :? RunEvent.Detected as detected ->
                clear ()
                let found = detected.Detection
                Console.Out.WriteLine $"step {detected.Step}  {found.Name}: {found.Sentence}. {found.Advice}"
            | :? RunEvent.Untold as untold -> eprintfn $"gan: {untold.Sentence}"
            | :? RunEvent.Carrying as carrying ->
                clear ()
                let left = Output.bytes carrying.Left

                let time =
                    if carrying.ToGo.HasValue then
                        $", {Output.duration carrying.ToGo.Value}"
                    else
                        ""

                Console.Out.Write $"the run is over; writing it down, {left} of the journal left{time}"

                if not terminal then
                    Console.Out.WriteLine()
            | :? RunEvent.Carried as carried ->
                clear ()
                Console.Out.WriteLine $"written down in {carried.Took.TotalSeconds:F1} s"
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
