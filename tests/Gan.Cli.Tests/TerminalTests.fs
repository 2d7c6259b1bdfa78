module Gan.Cli.Tests.TerminalTests

open System
open System.IO
open Expecto
open Gan.Experiments
open Gan.Testing
open Gan.Cli
open Spectre.Console
open Spectre.Console.Rendering

/// What a window of a width shows of content, its codes for bold and colors taken away.
let private lines width (content: IRenderable) =
    let shown = Terminal.render width content
    let plain = Text.RegularExpressions.Regex.Replace(shown, "\u001b\\[[0-9;]*m", "")
    plain.TrimEnd().Split Environment.NewLine |> List.ofArray

let private cells (line: string) = Segment(line).CellCount()

let private runs =
    [
        [ "1a2b3c4d"; "ring"; "FINISHED"; "12.5"; "0:01" ]
        [ "5e6f7a8b"; "ring-with-a-much-longer-name"; "FAILED"; "NaN"; "" ]
        [ "9c0d1e2f"; "日本語 [bold]x[/] [/]"; "RUNNING"; "-Infinity"; "1:02:03" ]
    ]

let private header = [ "run"; "name"; "status"; "evaluation/modes"; "took" ]

let private metric = SweepMetric("evaluation/modes", true)

let private trial index status state value =
    {
        Index = index
        Values = [ "loss", "hinge"; "generator_optimizer.learning_rate", "1e-3"; "seed", "1" ]
        State = state
        Status = status
        Step = "600/600"
        Metric = value
    }

let private view =
    {
        First = 0L
        Step = 250L
        Steps = 1000L
        Elapsed = TimeSpan.FromSeconds 10.0
        Losses = [ "discriminator/loss", 1.25; "generator/loss", nan ]
        Evaluated = Some(200L, [ "modes", 8.0; "high_quality", infinity ])
    }

let private tables =
    testList
        "tables"
        [
            testCase "numbers end, and texts begin, in one column"
            <| fun () ->
                Expect.equal
                    [
                        "run       name                          status    evaluation/modes     took"
                        "1a2b3c4d  ring                          FINISHED              12.5     0:01"
                        "5e6f7a8b  ring-with-a-much-longer-name  FAILED                 NaN"
                        "9c0d1e2f  日本語 [bold]x[/] [/]         RUNNING          -Infinity  1:02:03"
                    ]
                    (lines 100 (Terminal.tableOf 100 header runs))

            testCase "no line is longer than the window"
            <| fun () ->
                for width in [ 20; 30; 40; 57; 60; 79; 200 ] do
                    for line in lines width (Terminal.tableOf width header runs) do
                        Expect.holds (cells line < width) $"a line of {cells line} in {width} columns: {line}"

            testCase "a narrow window has a line for every value"
            <| fun () ->
                let shown = lines 40 (Terminal.tableOf 40 header runs)

                Expect.equal
                    [
                        "run               1a2b3c4d"
                        "name              ring"
                        "status            FINISHED"
                        "evaluation/modes  12.5"
                        "took              0:01"
                        ""
                    ]
                    (List.truncate 6 shown)

            testCase "columns of nothing give way first"
            <| fun () ->
                let shown =
                    lines 24 (Terminal.tableOf 24 [ "rank"; "deviation"; "group" ] [ [ "1"; ""; "loss=hinge" ] ])

                Expect.equal [ "rank  group"; "   1  loss=hinge" ] shown

            testCase "no rows, and no header"
            <| fun () ->
                Expect.equal [ "run  name" ] (lines 80 (Terminal.tableOf 80 [ "run"; "name" ] []))
                Expect.equal [ "ok  engine" ] (lines 80 (Terminal.tableOf 80 [ ""; "" ] [ [ "ok"; "engine" ] ]))

            testCase "control characters do nothing"
            <| fun () ->
                let shown = lines 80 (Terminal.tableOf 80 [ "name" ] [ [ "a\u001b[2Jb\tc\rd" ] ])
                Expect.equal [ "name"; "a [2Jb c d" ] shown
        ]

let private runsInProgress =
    testList
        "a run"
        [
            testCase "says how far it is"
            <| fun () ->
                let shown = lines 70 (RunView.content view)
                Expect.contains "250/1000" shown[0]
                Expect.contains "25 %" shown[0]
                Expect.equal "pace      25 steps/s     0:30 left" shown[1]
                Expect.equal "losses    discriminator/loss 1.25        generator/loss NaN" shown[2]
                Expect.equal "step 200  modes 8           high_quality Infinity" shown[3]

            testCase "keeps its values in their places while they change"
            <| fun () ->
                let places losses =
                    lines 100 (RunView.content { view with Losses = losses })
                    |> List.map (fun line -> line.IndexOf "generator/loss")

                Expect.equal
                    (places [ "discriminator/loss", 0.0; "generator/loss", 1.0 ])
                    (places [ "discriminator/loss", -1.2345e-5; "generator/loss", -infinity ])

            testCase "before its first step, after its last, and in any window"
            <| fun () ->
                for step, steps in [ 0L, 1000L; 1000L, 1000L; 0L, 0L; 1L, Int64.MaxValue ] do
                    for width in [ 20; 40; 300 ] do
                        let content = RunView.content { view with Step = step; Steps = steps }

                        for line in lines width content do
                            Expect.holds (cells line < width) $"a line of {cells line} in {width} columns: {line}"
        ]

let private sweeps =
    let rows =
        [
            trial 0 "finished" TrialState.Finished 3.0
            trial 1 "diverged" TrialState.Diverged 9.0
            trial 2 "finished" TrialState.Finished 7.0
            trial 3 "finished" TrialState.Finished nan
            trial 4 "running" TrialState.Open 5.0
            trial 5 "waiting" TrialState.Open nan
        ]

    testList
        "a sweep"
        [
            testCase "marks the best trial"
            <| fun () ->
                let shown = lines 120 (SweepView.content metric "2 of 6" rows (120, 30))

                Expect.equal
                    "trial  loss   generator_optimizer.learning_rate  seed  status       step  evaluation/modes"
                    shown[0]

                Expect.holds (shown[3].EndsWith "7  *") shown[3]

                Expect.equal
                    [ 3 ]
                    [
                        for index, line in List.indexed shown do
                            if line.EndsWith "*" then
                                index
                    ]

                Expect.equal "2 of 6" (List.last shown)

            testCase "what is least may be the best"
            <| fun () ->
                Expect.equal (Some 0) (SweepView.best false rows)
                Expect.equal None (SweepView.best true [])

            testCase "has no more lines than the window"
            <| fun () ->
                for height in [ 5; 6; 8; 30 ] do
                    let shown = lines 120 (SweepView.content metric "2 of 6" rows (120, height))
                    Expect.holds (shown.Length < height) $"{shown.Length} lines in {height}"
                    Expect.holds (shown |> List.exists _.Contains("running")) "what runs is shown"

                let shown = lines 120 (SweepView.content metric "2 of 6" rows (120, 6))
                Expect.equal "and 4 more" shown[3]

            testCase "leaves parameters out before anything else"
            <| fun () ->
                Expect.equal
                    "trial  status       step  evaluatio…"
                    (lines 40 (SweepView.content metric "2 of 6" rows (40, 30))).Head

            testCase "has a line for a trial, in any window"
            <| fun () ->
                for width in [ 20; 40; 60; 80 ] do
                    let shown = lines width (SweepView.content metric "" rows (width, 30))
                    Expect.holds (width < 40 || shown.Length = 7) $"{shown.Length} lines"

            testCase "without trials is its summary alone"
            <| fun () ->
                Expect.equal [ "0 runs ended" ] (lines 80 (SweepView.content metric "0 runs ended" [] (80, 24)))
        ]

/// A screen whose window a test changes, and what was written to it.
let private screen () =
    let mutable size = 40, 10
    let out = new StringWriter()
    let screen = new Terminal.Screen(out, (fun () -> size))

    let written () =
        let text = out.ToString().Replace(Environment.NewLine, "\n")
        out.GetStringBuilder().Clear() |> ignore
        text

    screen, written, (fun changed -> size <- changed)

let private shows (text: string) (screen: Terminal.Screen) =
    screen.Show(fun _ -> Text text :> IRenderable)

let private screens =
    testList
        "a screen"
        [
            testCase "draws in the place of what it drew before"
            <| fun () ->
                let screen, written, _ = screen ()
                screen |> shows "one\ntwo"
                Expect.equal "one\ntwo\n" (written ())
                screen |> shows "three"
                Expect.equal "\u001b[2A\r\u001b[Jthree\n" (written ())
                (screen :> IDisposable).Dispose()
                Expect.equal "\u001b[1A\r\u001b[J" (written ())
                (screen :> IDisposable).Dispose()
                Expect.equal "" (written ())

            testCase "lets lines scroll above it"
            <| fun () ->
                let screen, written, _ = screen ()
                screen |> shows "one"
                written () |> ignore
                let mutable before = ""
                screen.Above(fun () -> before <- written ())
                Expect.equal "\u001b[1A\r\u001b[J" before
                Expect.equal "one\n" (written ())

            testCase "counts the rows that lines take in a window that has become narrower"
            <| fun () ->
                let screen, written, resize = screen ()
                screen |> shows (String('x', 35))
                written () |> ignore
                resize (10, 10)
                screen |> shows "y"
                Expect.equal "\u001b[4A\r\u001b[Jy\n" (written ())

            testCase "draws no more than the window has room for"
            <| fun () ->
                let screen, written, resize = screen ()
                resize (40, 3)
                screen |> shows "1\n2\n3\n4\n5"
                Expect.equal "1\n2\n" (written ())
        ]

[<Tests>]
let tests = testList "Terminal" [ tables; runsInProgress; sweeps; screens ]
