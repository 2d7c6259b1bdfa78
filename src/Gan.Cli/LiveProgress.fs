namespace Gan.Cli

open System
open System.Diagnostics
open System.IO
open Spectre.Console
open Spectre.Console.Rendering
open Gan.Experiments

/// How far a run is, and what was measured last.
type RunView =
    {
        First: int64
        Step: int64
        Steps: int64
        Elapsed: TimeSpan
        Losses: (string * float) list
        Evaluated: (int64 * (string * float) list) option
    }

module RunView =
    let private bar (step: int64) (steps: int64) =
        let task = ProgressTask(0, "steps", float (max 1L steps))
        task.Value <- float step
        let column = ProgressBarColumn(Width = 60)

        let drawn options =
            column.Render(options, task, TimeSpan.Zero)

        { new IRenderable with
            member _.Measure(options, width) = (drawn options).Measure(options, width)
            member _.Render(options, width) = (drawn options).Render(options, width)
        }

    let private advance view : IRenderable =
        let percent = 100.0 * float view.Step / float (max 1L view.Steps)

        Grid()
            .AddColumn(GridColumn(NoWrap = true))
            .AddColumn()
            .AddColumn(GridColumn(NoWrap = true))
            .AddRow(Text $"{view.Step}/{view.Steps}", bar view.Step view.Steps, Text $"{floor percent} %%")

    let private side (texts: string list) =
        let items = [ for one in texts -> Terminal.text one :> IRenderable ]
        Columns(items, Expand = false, Padding = Padding(0, 0, 2, 0)) :> IRenderable

    // Values take the same room while they change, so that nothing beside them moves.
    let private values (named: (string * float) list) =
        side [ for name, value in named -> $"{name} {Output.number value, -10}" ]

    /// A run as a terminal shows it while it goes on.
    let content (view: RunView) =
        let rows =
            [
                "steps", advance view

                if view.Step > view.First then
                    let rate, left = RunLines.pace view.First view.Step view.Steps view.Elapsed
                    "pace", side [ rate.PadRight 13; left ]

                if not view.Losses.IsEmpty then
                    "losses", values view.Losses

                match view.Evaluated with
                | Some(step, measures) -> $"step {step}", values measures
                | None -> ()
            ]

        let grid = Grid().AddColumn(GridColumn(NoWrap = true)).AddColumn()

        for name, content in rows do
            grid.AddRow(Terminal.heading name, content) |> ignore

        grid :> IRenderable

/// Shows a run's events on a terminal: how far it is in the last lines of the window, and what happened above them.
type LiveProgress(screen: Terminal.Screen, steps: int64) =
    let interval = TimeSpan.FromSeconds 0.2
    let clock = Stopwatch.StartNew()
    let mutable shown = TimeSpan.MinValue

    let mutable view =
        {
            First = 0L
            Step = 0L
            Steps = steps
            Elapsed = TimeSpan.Zero
            Losses = []
            Evaluated = None
        }

    let show () =
        screen.Show(fun _ -> RunView.content view)
        shown <- clock.Elapsed

    // The file's name has the step and the time, too.
    let pictureOf (file: string) =
        let name = nonNull (Path.GetFileNameWithoutExtension file)
        (Array.head (name.Split "+step+")).Replace('~', '/')

    let say (line: string) =
        screen.Above(fun () -> Console.Out.WriteLine(Terminal.clean line))

    interface IRunObserver with
        member _.On happened =
            RunLines.line happened |> Option.iter say

            happened.Match(
                started =
                    (fun event ->
                        view <-
                            { view with
                                First = event.FirstStep
                                Step = event.FirstStep
                            }

                        clock.Restart()
                        show ()),
                stepLogged =
                    (fun event ->
                        view <-
                            { view with
                                Step = event.Step
                                Elapsed = clock.Elapsed
                                Losses = RunLines.losses event.Values
                            }

                        if clock.Elapsed - shown >= interval || event.Step = steps then
                            show ()),
                evaluated =
                    (fun event ->
                        view <-
                            { view with
                                Evaluated = Some(event.Step, RunLines.measures event.Values)
                            }

                        show ()),
                samplesSaved = (fun event -> say $"step {event.Step}  picture {pictureOf event.File}"),
                checkpointSaved = (fun event -> say $"step {event.Step}  checkpoint {Path.GetFileName event.File}"),
                detected = ignore,
                warning = (fun event -> screen.Above(fun () -> eprintfn $"gan: {event.Message}")),
                draining = (fun event -> screen.Show(fun _ -> Terminal.text (RunLines.draining event) :> IRenderable)),
                drainFinished = ignore
            )
