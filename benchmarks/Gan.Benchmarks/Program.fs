/// Times our step against PyTorch's and TorchSharp's own loops, block by block in turn, and against the floor.
module Gan.Benchmarks.Program

open System
open System.Diagnostics
open System.Globalization
open System.IO

let private median (values: float list) = (List.sort values)[values.Length / 2]

/// A side of the comparison: a process of its own on its own processors, asked for blocks on its standard input.
type private Side(name: string, threads: int, command: string list, environment: (string * string) list) =
    let running =
        let cores = if threads = 1 then "0" else $"0-{threads - 1}"

        let info =
            ProcessStartInfo("taskset", RedirectStandardInput = true, RedirectStandardOutput = true)

        for argument in [ "-c"; cores ] @ command do
            info.ArgumentList.Add argument

        for variable, value in
            [
                "OMP_NUM_THREADS", string threads
                "OPENBLAS_NUM_THREADS", string threads
                "OMP_WAIT_POLICY", "PASSIVE"
            ]
            @ environment do
            info.Environment[variable] <- value

        nonNull (Process.Start info)

    member _.Name = name

    /// Wall and processor milliseconds of a block, per step.
    member _.Ask(line: string) =
        running.StandardInput.WriteLine line
        running.StandardInput.Flush()
        let answer = nonNull (running.StandardOutput.ReadLine())

        let parts =
            answer.Split ' '
            |> Array.map (fun part -> Double.Parse(part, CultureInfo.InvariantCulture))

        parts[0], parts[1]

    interface IDisposable with
        member _.Dispose() =
            running.StandardInput.Close()
            running.WaitForExit()
            running.Dispose()

/// A block whose wall and processor time agree to 5 %, at one thread: another block where something disturbed it.
let private block (side: Side) threads line =
    let rec attempt left =
        let wall, cpu = side.Ask line

        if threads > 1 || left = 0 || abs (wall - cpu) <= 0.05 * cpu then
            wall, cpu
        else
            attempt (left - 1)

    attempt 5

let private raisedMalloc =
    [
        "MALLOC_MMAP_THRESHOLD_", "33554432"
        "MALLOC_TRIM_THRESHOLD_", "1073741824"
        "MALLOC_ARENA_MAX", "1"
    ]

let private compare (task: Tasks.Task) threads blocks =
    let self = Reflection.Assembly.GetExecutingAssembly().Location
    let peer = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "peer.py"))
    let python = [ "/usr/bin/python3"; peer; task.Name; string threads ]

    let worker side =
        [ "dotnet"; self; "worker"; side; task.Name; string threads ]

    use ours = new Side("gan", threads, worker "gan", [])
    use torchSharp = new Side("torchsharp", threads, worker "torchsharp", [])
    use plain = new Side("pytorch", threads, python, [])

    use raised =
        new Side("pytorch, raised malloc thresholds", threads, python, raisedMalloc)

    let product (side: Side) =
        List.init 5 (fun _ -> fst (side.Ask "product")) |> median

    let ourProduct = product ours

    if product plain > 2.0 * ourProduct then
        failwith
            "PyTorch's matrix products take more than twice as long as ours: its BLAS is a slow one. On Debian: apt-get install libopenblas0-pthread"

    let line = $"steps {task.BlockSteps}"
    let sides = [ ours; torchSharp; plain; raised ]

    for side in sides do
        side.Ask line |> ignore

    let times =
        [
            for _ in 1..blocks do
                for side in sides do
                    side.Name, block side threads line
        ]

    let of' (side: Side) pick =
        times
        |> List.filter (fun (name, _) -> name = side.Name)
        |> List.map (snd >> pick)
        |> median

    let pytorch = if of' plain fst <= of' raised fst then plain else raised

    let rate = 2.0 * 1024.0 ** 3.0 / (ourProduct * 1e6)

    let floor = task.Flops / (rate * 1e6)
    let ratio side = of' side fst / of' ours fst

    printfn
        $"{task.Name, -13} {threads, 7} {of' ours fst, 8:F2} {of' pytorch fst, 8:F2} {of' torchSharp fst, 10:F2} {ratio pytorch, 8:F2} {ratio torchSharp, 10:F2} {floor, 8:F2} {rate, 8:F0}"

[<EntryPoint>]
let main arguments =
    match List.ofArray arguments with
    | [ "worker"; side; name; threads ] ->
        Worker.run side (Tasks.all |> List.find (fun task -> task.Name = name)) (int threads)
        0
    | "tracking" :: parts ->
        Tracking.run parts
        0
    | chosen ->
        let threads, chosen =
            match chosen with
            | "--threads" :: count :: rest -> [ int count ], rest
            | all -> [ 1; 2 ], all

        let tasks =
            Tasks.all
            |> List.filter (fun task -> chosen.IsEmpty || List.contains task.Name chosen)

        printfn
            "median milliseconds per step of gan, PyTorch and TorchSharp; the times of the two over ours; the needed operations at the measured rate of a matrix product (GFLOP/s)"

        printfn "task          threads      gan  pytorch torchsharp pytorch/ torchsharp/    floor     rate"

        for threads in threads do
            for task in tasks do
                compare task threads 7

        0
