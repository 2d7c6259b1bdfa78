/// A side of a benchmark in .NET: a process that makes blocks of steps when asked on standard input, and tells their times.
module Gan.Benchmarks.Worker

open System
open System.Diagnostics
open System.Globalization
open Gan.Core
open Gan.Experiments
open TorchSharp

/// Wall and processor milliseconds per repetition, as a line that the Python side writes too.
let private timed count (body: unit -> unit) =
    let cpu () =
        Process.GetCurrentProcess().TotalProcessorTime

    let cpuBefore, clock = cpu (), Stopwatch.StartNew()

    for _ in 1..count do
        body ()

    let wall, cpu =
        clock.Elapsed.TotalMilliseconds, (cpu () - cpuBefore).TotalMilliseconds

    let text (value: float) =
        (value / float count).ToString("R", CultureInfo.InvariantCulture)

    Console.Out.WriteLine $"{text wall} {text cpu}"
    Console.Out.Flush()

/// Our step of a task, with its draw of data and as the run loop makes it.
let private ours (task: Tasks.Task) : unit -> unit =
    let spec = ExperimentSpec.Read(SpecDocument.Parse(task.Name, task.Spec))
    let stepper = Stepper(spec, spec.Data.Open())
    let mutable state = stepper.Start()
    fun () -> state <- stepper.Next(state, false).State

/// Answers "steps N" with the times of a step, and "product" with those of a square product of 1,024.
let run side (task: Tasks.Task) threads =
    Engine.Start()

    let step =
        match side with
        | "torchsharp" ->
            torch.set_num_threads threads
            TorchSharpLoop.create task.Name
        | _ ->
            Engine.SetThreads threads
            ours task

    let a = RandomKey.FromSeed(2L).Normal(torch.ScalarType.Float32, 1024, 1024)

    let multiply () =
        use _ = torch.NewDisposeScope()
        a.mm a |> ignore

    let rec serve () =
        match Console.In.ReadLine() with
        | null -> ()
        | "product" ->
            timed 20 multiply
            serve ()
        | line ->
            timed (int (line.Split(' ')[1])) step
            serve ()

    serve ()
