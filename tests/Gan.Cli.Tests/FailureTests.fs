/// What goes wrong for users: each in one sentence on standard error, with the right exit code and no stack trace.
module Gan.Cli.Tests.FailureTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto
open Gan.Testing

let private ring = Path.Combine(Places.root, "experiments", "ring.yaml")
let private demo = Path.Combine(Places.root, "experiments", "demo.yaml")

let private requireSentence (finished: Cli.Finished) code (part: string) =
    Expect.holds (finished.Code = code) $"exit code {finished.Code}, expected {code}: {finished.Error}"
    Expect.contains part finished.Error
    Expect.lacks "   at " finished.Error
    Expect.lacks "defect of gan" finished.Error
    Expect.holds (finished.Error.Trim().Split('\n').Length = 1) $"more than one line: {finished.Error}"

/// Runs a shell script as root on a file system of its own; None where this machine allows no mounts.
let private onMount (mount: string) (script: string) =
    let folder = Places.newFolder ()

    let script =
        $"cd {folder} && mkdir mounted lower upper work && {mount} mounted && cd mounted && {{\n{script}\n}}"

    let info =
        ProcessStartInfo("unshare", RedirectStandardOutput = true, RedirectStandardError = true)

    for argument in [ "--mount"; "sh"; "-c"; script ] do
        info.ArgumentList.Add argument

    try
        use running = nonNull (Process.Start info)
        let error = running.StandardError.ReadToEndAsync()
        let out = running.StandardOutput.ReadToEnd()
        running.WaitForExit()

        let finished: Cli.Finished =
            {
                Code = running.ExitCode
                Out = out
                Error = error.Result
            }

        if finished.Error.Contains "unshare" || finished.Error.Contains "mount:" then
            None
        else
            Some finished
    with :? ComponentModel.Win32Exception ->
        None

let private sweep (folder: string) (name: string) (set: string list) =
    let text =
        $"name: \"{name}\"\nspec: {ring}\nmetric: {{name: generator/loss}}\nparameters: {{loss: {{values: [hinge]}}}}\nmethod: grid\nseeds: 2\n"

    File.WriteAllText(Path.Combine(folder, "sweep.yaml"), text)

    let always = [ "steps=20"; "batch=8"; "samples.every=0"; "evaluation.every=0" ]

    Cli.run
        folder
        ([ "sweep"; "sweep.yaml" ]
         @ List.collect (fun value -> [ "--set"; $"set.{value}" ]) (always @ set))

let tests =
    testList
        "Failure"
        [
            testList
                "wrong usage"
                [
                    for line, part in
                        [
                            "train", "name a spec"
                            "trian", "did you mean 'train'?"
                            "train|x.yaml|--stes|3", "--stes"
                            "list|loses", "did you mean 'losses'?"
                            "sample", "See: gan sample --help"
                            "runs|--limit|many", "many"
                        ] do
                        testCase line
                        <| fun () ->
                            requireSentence (Cli.run (Places.newFolder ()) (List.ofArray (line.Split '|'))) 2 part
                ]

            testList
                "wrong values"
                [
                    for assignment, code, part in
                        [
                            "los=hinge", 2, "did you mean 'loss'?"
                            "batch=x", 2, "must be a whole number"
                            "discriminator=dcgan", 2, "dcgan is for images"
                            "data={kind: mnist, folder: /nowhere}", 1, "There is no folder '/nowhere'"
                            "batch=100000000000", 2, "from 1 to 1000000"
                            "data.modes=2000000000", 2, "from 1 to 10000"
                            "steps", 2, "key=value"
                            "average=2", 2, "average: "
                            "tracking.file=", 2, "must be"
                            "evaluation.metrics=[mmd, mmd]", 2, "measured twice"
                            "checkpoints.best=mods", 2, "did you mean 'modes'?"
                        ] do
                        testCase assignment
                        <| fun () ->
                            let set =
                                [
                                    "--set"
                                    "steps=3"
                                    "--set"
                                    "batch=8"
                                    "--set"
                                    "evaluation.every=3"
                                    "--set"
                                    assignment
                                ]

                            requireSentence (Cli.run (Places.newFolder ()) ([ "train"; ring ] @ set)) code part
                ]

            testCase "missing specs, runs and checkpoints"
            <| fun () ->
                let folder = Places.newFolder ()
                requireSentence (Cli.run folder [ "train"; "none.yaml" ]) 1 "There is no spec 'none.yaml'"
                requireSentence (Cli.run folder [ "train"; "." ]) 1 "'.' is a folder"
                requireSentence (Cli.run folder [ "runs"; "--store"; "none.db" ]) 1 "There is no store 'none.db'"
                requireSentence (Cli.run folder [ "runs"; "--limit"; "0" ]) 2 "--limit must be at least 1"
                requireSentence (Cli.run folder [ "train"; "--resume"; "abc" ]) 1 "There is no run 'abc'"
                requireSentence (Cli.run folder [ "sample"; "abc" ]) 1 "There is no run 'abc'"
                requireSentence (Cli.run folder [ "train"; ring; "--pretrained"; "abc" ]) 1 "There is no run 'abc'"

            testCase "a damaged checkpoint is named"
            <| fun () ->
                let folder = Places.newFolder ()

                Cli.runOk folder [ "train"; ring; "--set"; "steps=3"; "--set"; "batch=8" ]
                |> ignore

                let file =
                    Directory.GetFiles(folder, "step-*.safetensors", SearchOption.AllDirectories)[0]

                let bytes = File.ReadAllBytes file
                bytes[bytes.Length - 5] <- bytes[bytes.Length - 5] ^^^ 1uy
                File.WriteAllBytes(file, bytes)
                requireSentence (Cli.run folder [ "sample"; "ring" ]) 1 "do not have the hash"
                File.WriteAllBytes(file, bytes[..100])
                requireSentence (Cli.run folder [ "sample"; "ring" ]) 1 "is damaged"
                File.Delete file
                File.CreateSymbolicLink(file, Path.Combine(folder, "nowhere")) |> ignore
                requireSentence (Cli.run folder [ "sample"; "ring" ]) 1 "is damaged"

            testCase "a truncated data file"
            <| fun () ->
                let folder = Places.newFolder ()

                File.WriteAllBytes(
                    Path.Combine(folder, "t10k-images-idx3-ubyte"),
                    [|
                        0uy
                        0uy
                        8uy
                        3uy
                        0uy
                        0uy
                        0uy
                        9uy
                        0uy
                        0uy
                        0uy
                        28uy
                        0uy
                        0uy
                        0uy
                        28uy
                        1uy
                    |]
                )

                requireSentence
                    (Cli.run folder [ "train"; demo; "--set"; "data={kind: mnist, folder: .}" ])
                    1
                    "cut short"

            testCase "a read-only folder"
            <| fun () ->
                match
                    onMount "mount -t tmpfs -o size=10m,ro none" $"dotnet {Places.ganDll} train {ring} --set steps=3"
                with
                | None -> skiptest "this machine allows no mounts"
                | Some finished -> requireSentence finished 1 "cannot be used"

            testCase "a full disk"
            <| fun () ->
                let set =
                    "--set steps=300 --set batch=8 --set samples.every=5 --set checkpoints.every=20"

                match onMount "mount -t tmpfs -o size=2m none" $"dotnet {Places.ganDll} train {ring} {set}" with
                | None -> skiptest "this machine allows no mounts"
                | Some finished -> requireSentence finished 1 "No space left"

            Suite.full
                [
                    testList
                        "where locks do not hold, the last to come has the run, and it ends as if alone"
                        [
                            for stalled, told in
                                [
                                    false, "The run was taken over by process"
                                    true, "another process has ended the run"
                                ] do
                                testCase told
                                <| fun () ->
                                    if not (Cli.hasCommand "sqlite3") then
                                        skiptest "no sqlite3 on this machine"

                                    let set =
                                        [ "steps=6000"; "log_every=1"; "threads=1"; "batch=8"; "checkpoints.every=200" ]
                                        |> List.map (fun assignment -> $"--set {assignment}")
                                        |> String.concat " "

                                    let train = $"dotnet {Places.ganDll} train"

                                    // The store's locks hold here, and a process stopped while it writes there would keep the second one away.
                                    let stop =
                                        "until kill -STOP $first && sleep 0.2 && sqlite3 mlflow.db 'BEGIN IMMEDIATE' 2> /dev/null; do kill -CONT $first; sleep 0.1; done\n"

                                    // As on a node that its cluster takes for dead: it goes on, at once or when it awakes, and its lock keeps nobody away.
                                    let script =
                                        $"{train} {ring} {set} > first.out 2> first.err &\nfirst=$!\n"
                                        + "until ls mlruns/*/*/artifacts/checkpoints/step-00000400.safetensors > /dev/null 2>&1; do sleep 0.1; done\n"
                                        + (if stalled then stop else "")
                                        + "rm mlruns/*/*/lock\n"
                                        + $"{train} --resume ring --json || exit 1\n"
                                        + (if stalled then "kill -CONT $first\n" else "")
                                        + "wait $first && exit 2\n"
                                        + "cat first.err >&2\n"
                                        + $"{train} {ring} {set} --set name=alone --json || exit 3\n"
                                        + $"dotnet {Places.ganDll} runs export ring -o ring.csv > export.out && echo journal $(grep -c ,discriminator/loss, ring.csv)\n"
                                        + "sqlite3 mlflow.db \"SELECT 'metrics ' || count(*) || ' ' || count(DISTINCT step) FROM metrics WHERE key = 'discriminator/loss' GROUP BY run_uuid\""

                                    match
                                        onMount
                                            "mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none"
                                            script
                                    with
                                    | None -> skiptest "this machine allows no mounts"
                                    | Some finished ->
                                        requireSentence finished 0 told

                                        let lines (part: string) =
                                            finished.Out.Split '\n' |> Array.filter _.Contains(part) |> List.ofArray

                                        let hashes =
                                            [
                                                for line in lines "state_hash" ->
                                                    JsonDocument
                                                        .Parse(line)
                                                        .RootElement.GetProperty("state_hash")
                                                        .GetString()
                                            ]

                                        Expect.equal 2 hashes.Length
                                        Expect.equal hashes[0] hashes[1]
                                        Expect.equal [ "metrics 6000 6000"; "metrics 6000 6000" ] (lines "metrics 6")
                                        Expect.equal [ "journal 6000" ] (lines "journal ")
                        ]
                ]

            testCase "a sweep is no run, keeps its name, and tells of what came to nothing"
            <| fun () ->
                let folder = Places.newFolder ()
                let made = sweep folder "a: b # [c] \u00e9 \U0001F600" []
                Expect.equal 0 made.Code
                let id = (made.Out.Split("sweep ")[1]).Split(" ")[0]
                let listed = Cli.runOk folder [ "runs"; "--json" ]
                Expect.contains "\"a: b # [c] \u00e9 \\uD83D\\uDE00-1\"" listed.Out

                for command in [ [ "sample" ]; [ "export" ]; [ "spectrum" ]; [ "train"; "--resume" ] ] do
                    requireSentence (Cli.run folder (command @ [ id ])) 1 "is a sweep; name one of its runs"

                // A removed run is in no ranking.
                let trial = (listed.Out.Split("\"run\":\"")[1]).Split("\"")[0]
                Cli.runOk folder [ "runs"; "rm"; trial ] |> ignore
                Expect.contains "1 finished" (sweep folder "a: b # [c] \u00e9 \U0001F600" []).Out

                // Another value of anything is another sweep, and said to be one; a metric of which nothing comes is no success.
                let lost =
                    sweep
                        folder
                        "a: b # [c] \u00e9 \U0001F600"
                        [ "generator_optimizer={kind: adam, learning_rate: 1e30}" ]

                Expect.equal 3 lost.Code
                Expect.contains "this is a new sweep" lost.Error
                Expect.contains "No run came to a finite value of generator/loss" lost.Error

            testCase "outputs replace no store, folder or device, and have names"
            <| fun () ->
                let folder = Places.newFolder ()

                for seed in [ 1; 2 ] do
                    Cli.runOk
                        folder
                        [
                            "train"
                            ring
                            "--set"
                            "steps=3"
                            "--set"
                            "batch=8"
                            "--set"
                            $"seed={seed}"
                        ]
                    |> ignore

                let compare more =
                    Cli.run folder ([ "compare"; "ring" ] @ more)

                requireSentence (compare [ "--report"; "mlflow.db" ]) 1 "is a database"
                requireSentence (compare [ "--output"; "mlflow.db" ]) 1 "is a database"
                requireSentence (compare [ "--report"; "mlruns" ]) 1 "is a folder"
                requireSentence (compare [ "--report"; "" ]) 1 "it is empty"
                requireSentence (compare [ "--report"; "/dev/full" ]) 1 "No space left"
                Expect.holds (File.Exists "/dev/full") "the device is there"
                Expect.contains "\\begin{tabular}" (compare [ "--output"; "/dev/stdout"; "--format"; "latex" ]).Out
                Expect.equal 0 (compare [ "--output"; "table.csv" ]).Code
                Expect.contains "rank," (File.ReadAllText(Path.Combine(folder, "table.csv")))

                // Two of a name: what is removed is named by its id.
                requireSentence (Cli.run folder [ "runs"; "rm"; "ring" ]) 1 "2 runs are named 'ring'"
                requireSentence (Cli.run folder [ "runs"; "restore"; "ring" ]) 1 "There is no run 'ring'"
                Expect.contains "there are more" (Cli.runOk folder [ "runs"; "--limit"; "1" ]).Out

            testCase "a store is where it was moved to, a folder is none, and a lost folder is told"
            <| fun () ->
                let folder = Places.newFolder ()

                Cli.runOk folder [ "train"; ring; "--set"; "steps=3"; "--set"; "batch=8" ]
                |> ignore

                let moved = Path.Combine(folder, "moved")
                Directory.CreateDirectory moved |> ignore
                File.Move(Path.Combine(folder, "mlflow.db"), Path.Combine(moved, "mlflow.db"))
                Directory.Move(Path.Combine(folder, "mlruns"), Path.Combine(moved, "mlruns"))
                Cli.runOk moved [ "sample"; "ring" ] |> ignore
                requireSentence (Cli.run moved [ "runs"; "--store"; "mlruns" ]) 1 "is a folder, but no file store"
                Expect.equal 1 (Directory.GetDirectories(Path.Combine(moved, "mlruns"))).Length
                Directory.Move(Path.Combine(moved, "mlruns"), Path.Combine(moved, "elsewhere"))
                requireSentence (Cli.run moved [ "sample"; "ring" ]) 1 "is gone; bring it back"

            testList
                "odd variables are told, without what is secret"
                [
                    for name, value, part in
                        [
                            "MLFLOW_TRACKING_URI", "postgresql://me:secret@host/db", "gan writes to"
                            "MLFLOW_TRACKING_URI", "http://me:secret@:x", "is no address of a server"
                            "MLFLOW_TRACKING_URI", "databricks", "gan writes to"
                            "MLFLOW_TRACKING_URI", "sqlite:///", "names no store"
                            "MLFLOW_TRACKING_URI", "file:", "names no store"
                            "MLFLOW_TRACKING_TOKEN", "secret\nof two lines", "MLFLOW_TRACKING_TOKEN has a sign"
                        ] do
                        testCase ($"{name}={value}".ReplaceLineEndings "; ")
                        <| fun () ->
                            let finished =
                                Cli.runWith
                                    (Places.newFolder ())
                                    [ "MLFLOW_TRACKING_URI", "http://127.0.0.1:9"; name, value ]
                                    [ "train"; ring; "--set"; "steps=3"; "--set"; "batch=8" ]

                            requireSentence finished 1 part
                            Expect.lacks "secret" finished.Error
                ]
        ]
