/// Our side of a benchmark: a process that makes blocks of steps when asked on standard input, and tells their times.
module Gan.Benchmarks.Worker

open System
open System.Diagnostics
open System.Globalization
open Gan.Core
open Gan.Experiments
open Gan.Torch

/// Wall and processor milliseconds per repetition, as a line that the other side writes too.
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

/// Answers "steps N" with the times of a step, and "blas" and "product" with those of a square product of 1,024, by
/// libtorch and by our own choice of kernel.
let run (task: Tasks.Task) threads =
    let spec = ExperimentSpec.Read(SpecDocument.Parse(task.Name, task.Spec))
    EngineDifferences.SetThreads threads
    let data = spec.Data.Open()
    let mutable state = spec.Game.Init(RandomKey.FromSeed 1L)
    let mutable cursor = 0L

    let step () =
        use scope = torch.NewDisposeScope()

        let batches =
            [|
                for _ in 1 .. spec.Game.BatchesPerStep do
                    let batch = data.Draw(state.Root, cursor, spec.BatchSize, spec.Game.Dtype)
                    cursor <- cursor + int64 spec.BatchSize
                    batch
            |]

        let next = Step.Advance(spec.Game, state, batches, StepOptions(false, true)).State

        for tensor in next.Tensors do
            scope.MoveToOuter tensor |> ignore

        state <- next

    let a = RandomKey.FromSeed(2L).Normal(torch.ScalarType.Float32, 1024, 1024)

    let noBias = torch.zeros [| 1024L |]

    let multiply (product: unit -> torch.Tensor) () =
        use _ = torch.NewDisposeScope()
        product () |> ignore

    let rec serve () =
        match Console.In.ReadLine() with
        | null -> ()
        | "blas" ->
            timed 20 (multiply (fun () -> a.matmul a))
            serve ()
        | "product" ->
            timed 20 (multiply (fun () -> EngineDifferences.Linear(a, a, noBias, 1.0)))
            serve ()
        | line ->
            timed (int (line.Split(' ')[1])) step
            serve ()

    serve ()
