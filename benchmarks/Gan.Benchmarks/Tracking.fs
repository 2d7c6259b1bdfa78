/// What writing runs down costs, and how long it takes to look runs up.
module Gan.Benchmarks.Tracking

open System
open System.Diagnostics
open System.IO
open System.Threading
open Gan.Experiments

let private timed (work: unit -> 'a) =
    let clock = Stopwatch.StartNew()
    let result = work ()
    result, clock.Elapsed.TotalSeconds

let private start (environment: (string * string) list) folder (arguments: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    for name, value in environment do
        info.Environment[name] <- value

    let dll =
        Path.Combine(AppContext.BaseDirectory, "../../../../../src/Gan.Cli/bin/Release/net10.0/gan.dll")

    for argument in Path.GetFullPath dll :: arguments do
        info.ArgumentList.Add argument

    let running = nonNull (Process.Start info)
    running.ErrorDataReceived.Add ignore
    running.BeginErrorReadLine()
    running

let private gan folder arguments =
    use running = start [] folder arguments
    let said = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    said

let private started (folder: RunFolder) name : JournalRecord =
    JournalRecord.Started(folder.RunId, name, "experiment", "user", 1_700_000_000_000L)

/// 100 metrics a step: what the training thread does for each step, and then what the drain does, afterwards.
let private journal (root: string) =
    let steps, keys = 10_000L, [| for i in 1..100 -> $"metrics/number_{i}" |]
    use store = RunStores.Open(Path.Combine(root, "drain.db"))
    let folder = store.FolderOf("experiment", Guid.NewGuid().ToString "N")
    folder.Create()

    let (), append =
        use journal = Journal.Open(folder.Journal, ignore)
        journal.Append(started folder "drain")

        timed (fun () ->
            let values = readOnlyDict [ for key in keys -> key, 0.5 ]

            for step in 1L .. steps do
                journal.Append(JournalRecord.Metrics(step, 1_700_000_000_000L + step, values)))

    let _, drain =
        timed (fun () -> JournalDrain(store, folder).Carry(true, CancellationToken.None))

    let rows = float (steps * int64 keys.Length)
    let size = float (FileInfo folder.Journal).Length / 1e6

    printfn
        $"100 metrics a step, 10,000 steps: {append / float steps * 1e6:F1} microseconds a step to append ({size:F0} MB)"

    printfn $"drain: {rows / drain:F0} rows a second, {drain:F1} s for all"
    append / float steps

/// A step of the ring's training in milliseconds, every step logged: between the first and the last step's words, so that
/// neither the start counts nor the wait for a server at the end.
let private step environment (tracking: string list) =
    let folder = Directory.CreateTempSubdirectory("ring-").FullName

    let spec =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../experiments/ring.yaml"))

    let steps = 2000

    let set =
        [
            for assignment in
                [
                    "threads=1"
                    $"steps={steps}"
                    "log_every=1"
                    "evaluation.every=0"
                    "samples.every=0"
                    "checkpoints.every=0"
                ]
                @ tracking do
                yield! [ "--set"; assignment ]
        ]

    use running = start environment folder ([ "train"; spec; "--json" ] @ set)
    let clock = Stopwatch()

    let rec follow () =
        match running.StandardOutput.ReadLine() with
        | null -> ()
        | line ->
            if line.Contains "\"logged\"" then
                if line.Contains "\"step\":500," then
                    clock.Start()
                elif line.Contains $"\"step\":{steps}," then
                    clock.Stop()

            follow ()

    follow ()
    running.WaitForExit()
    Directory.Delete(folder, true)
    clock.Elapsed.TotalMilliseconds / float (steps - 500)

/// A server that takes connections and never answers.
let private silentServer () =
    let listener = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0)
    listener.Start()
    listener

let private tracked () =
    use silent = silentServer ()
    let port = (silent.LocalEndpoint :?> Net.IPEndPoint).Port
    let server address = [ "MLFLOW_TRACKING_URI", address ]

    let kinds =
        [
            "tracking: none", [], [ "tracking.kind=none" ]
            "SQLite", [], []
            "SQLite and a dead server", server "http://127.0.0.1:9", []
            "SQLite and a server that never answers", server $"http://127.0.0.1:{port}", []
        ]

    // Turn by turn, so that what else the machine does meets all alike; the least disturbed of three counts.
    let times =
        [
            for _ in 1..3 -> [ for _, environment, set in kinds -> step environment set ]
        ]
        |> List.transpose
        |> List.map List.min

    for (name, _, _), time in List.zip kinds times do
        printfn
            $"a step of experiments/ring.yaml, 1 thread, all logged, {name}: {time:F3} ms, {time / times.Head:F3} of none"

    times.Head

let private many (root: string) =
    let folder = Directory.CreateDirectory(Path.Combine(root, "many")).FullName
    use store = RunStores.Open(Path.Combine(folder, "mlflow.db"))

    for i in 1..10_000 do
        let run = store.FolderOf("experiment", Guid.NewGuid().ToString "N")

        store.Write(
            run,
            [|
                started run $"run-{i}"
                JournalRecord.Parameters(readOnlyDict [ for p in 1..60 -> $"section.parameter_{p}", string (i % p) ])
                JournalRecord.Metrics(
                    1L,
                    1L,
                    readOnlyDict [ for m in 1..20 -> $"evaluation/metric_{m}", float (i * m % 997) ]
                )
                JournalRecord.Status(RunStatus.Finished, 1_700_000_001_000L)
            |],
            CancellationToken.None
        )

    for arguments in
        [
            [ "runs" ]
            [ "runs"; "--limit"; "10000" ]
            [
                "runs"
                "--filter"
                "metrics.evaluation/metric_7 > 900 and params.section.parameter_9 = '3'"
                "--columns"
                "metrics.evaluation/metric_7"
            ]
            [ "runs"; "--order"; "metrics.evaluation/metric_3 DESC" ]
        ] do
        gan folder arguments |> ignore

        let seconds =
            List.min [ for _ in 1..3 -> snd (timed (fun () -> gan folder arguments)) ]

        let line = String.Join(" ", "gan" :: arguments)
        printfn $"10,000 runs, {seconds:F2} s: {line}"

/// Prints all of it.
let run () =
    let root = Directory.CreateTempSubdirectory("gan-bench-").FullName

    try
        let append = journal root
        let none = tracked ()
        printfn $"appending 100 metrics is {append * 1e5 / none:F1} %% of such a step"
        many root
    finally
        Directory.Delete(root, true)
