/// What writing runs down costs, and how long it takes to look runs up.
module Gan.Benchmarks.Tracking

open System
open System.Diagnostics
open System.IO
open System.Threading
open Gan.Core
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

let private started (folder: RunFolder) name =
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

/// A server of a mood: what it does with its n-th request.
let private moody (mood: int -> Net.HttpListenerContext -> unit) =
    let listener = new Net.HttpListener()
    let address = $"http://127.0.0.1:{20_000 + Random.Shared.Next 20_000}/"
    listener.Prefixes.Add address
    listener.Start()

    let rec serve request =
        let context = listener.GetContext()
        ThreadPool.QueueUserWorkItem(fun _ -> mood request context) |> ignore
        serve (request + 1)

    let listen () =
        try
            serve 1
        with :? Net.HttpListenerException ->
            ()

    Thread(listen, IsBackground = true).Start()
    listener, address

let private respond status (context: Net.HttpListenerContext) =
    let body = "{}"B
    context.Response.StatusCode <- status
    context.Response.ContentType <- "application/json"
    context.Response.ContentLength64 <- int64 body.Length
    context.Response.OutputStream.Write(body, 0, body.Length)
    context.Response.Close()

let private moods: (string * (int -> Net.HttpListenerContext -> unit)) list =
    [
        "one that never answers", (fun _ _ -> ())
        "one that takes 30 s a call",
        (fun _ context ->
            Thread.Sleep 30_000
            respond 200 context)
        "one that answers 429", (fun _ -> respond 429)
        "one that answers 500", (fun _ -> respond 500)
        "one that breaks off every other call",
        (fun request context ->
            if request % 2 = 0 then
                context.Response.Abort()
            else
                respond 200 context)
    ]

let private tracked () =
    let server address = [ "MLFLOW_TRACKING_URI", address ]
    let servers = [ for name, mood in moods -> name, moody mood ]

    let kinds =
        [
            yield "tracking: none", [], [ "tracking.kind=none" ]
            yield "SQLite", [], []
            yield "SQLite and a dead server", server "http://127.0.0.1:9", []
            for name, (_, address) in servers do
                yield $"SQLite and {name}", server address, []
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

    for _, (listener, _) in servers do
        listener.Abort()

/// Training's time with 100 metrics logged at each of 10,000 steps against as many without, block by block in turn.
let private logged (root: string) =
    let folder = RunFolder(Guid.NewGuid().ToString "N", Path.Combine(root, "logged"))
    folder.Create()

    use claim = RunClaim.Take(folder, false, CancellationToken.None)

    use tracker =
        RunTracker.Open(folder, [||], [| started folder "logged" |], Nullable(), claim)

    let spec =
        ExperimentSpec.Load(
            Path.Combine(AppContext.BaseDirectory, "../../../../../experiments/ring.yaml"),
            [ "threads=1"; "tracking.kind=none" ]
        )

    let stepper = Stepper(ExperimentRunner.Prepare spec, spec.Data.Open())
    let mutable state = stepper.Start()
    let keys = [| for i in 1..100 -> $"metrics/number_{i}" |]
    let values = readOnlyDict [ for key in keys -> key, 0.5 ]
    let block = 50

    let train log =
        let _, seconds =
            timed (fun () ->
                for _ in 1..block do
                    state <- stepper.Next(state, false).State

                    if log then
                        tracker.Log(state.Game.Step, values))

        seconds

    train false |> ignore

    let pairs =
        [
            for turn in 1..200 ->
                // The first of a pair by turns.
                if turn % 2 = 0 then
                    let plain = train false
                    plain, train true
                else
                    let more = train true
                    train false, more
        ]

    let median measure =
        pairs |> List.map measure |> List.sort |> List.item 100

    let step = median fst / float block * 1e3
    let ratio = median (fun (plain, more) -> more / plain)

    printfn
        $"10,000 steps of {step:F2} ms with 100 metrics logged at each against 10,000 without, 1 thread: {ratio:F4} (median of 200 pairs of blocks)"

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

let private parts =
    [
        "journal", journal
        "logged", logged
        "servers", (fun _ -> tracked ())
        "runs", many
    ]

/// Prints the parts that are named, or all of them.
let run (chosen: string list) =
    let root = Directory.CreateTempSubdirectory("gan-bench-").FullName

    try
        for name, part in parts do
            if chosen.IsEmpty || List.contains name chosen then
                part root
    finally
        Directory.Delete(root, true)
