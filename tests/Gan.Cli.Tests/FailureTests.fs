/// What goes wrong for users: each in one sentence on standard error, with the right exit code and no stack trace.
module Gan.Cli.Tests.FailureTests

open System
open System.Diagnostics
open System.IO
open NUnit.Framework
open Gan.Testing

let private ring = Path.Combine(Places.root, "experiments", "ring.yaml")
let private demo = Path.Combine(Places.root, "experiments", "demo.yaml")

let private requireSentence (finished: Cli.Finished) code (part: string) =
    Expect.holds (finished.Code = code) $"exit code {finished.Code}, expected {code}: {finished.Error}"
    Expect.contains part finished.Error
    Expect.lacks "   at " finished.Error
    Expect.lacks "defect of gan" finished.Error
    Expect.holds (finished.Error.Trim().Split('\n').Length = 1) $"more than one line: {finished.Error}"

[<TestCase("train", "name a spec")>]
[<TestCase("trian", "did you mean 'train'?")>]
[<TestCase("train|x.yaml|--stes|3", "--stes")>]
[<TestCase("list|loses", "did you mean 'losses'?")>]
[<TestCase("sample", "See: gan sample --help")>]
[<TestCase("runs|--limit|many", "many")>]
let ``wrong usage`` (line: string, part: string) =
    requireSentence (Cli.run (Places.newFolder ()) (List.ofArray (line.Split '|'))) 2 part

[<TestCase("los=hinge", 2, "did you mean 'loss'?")>]
[<TestCase("batch=x", 2, "must be a whole number")>]
[<TestCase("critic=dcgan", 2, "dcgan is for images")>]
[<TestCase("data={kind: mnist, folder: /nowhere}", 1, "There is no folder '/nowhere'")>]
[<TestCase("batch=100000000000", 2, "from 1 to 1000000")>]
[<TestCase("data.modes=2000000000", 2, "from 1 to 10000")>]
[<TestCase("steps", 2, "key=value")>]
[<TestCase("average=2", 2, "average: ")>]
[<TestCase("tracking.file=", 2, "must be")>]
[<TestCase("evaluation.metrics=[mmd, mmd]", 2, "measured twice")>]
[<TestCase("checkpoints.best=mods", 2, "did you mean 'modes'?")>]
let ``wrong values`` (assignment: string, code: int, part: string) =
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

[<Test>]
let ``missing specs, runs and checkpoints`` () =
    let folder = Places.newFolder ()
    requireSentence (Cli.run folder [ "train"; "none.yaml" ]) 1 "There is no spec 'none.yaml'"
    requireSentence (Cli.run folder [ "train"; "." ]) 1 "'.' is a folder"
    requireSentence (Cli.run folder [ "runs"; "--store"; "none.db" ]) 1 "There is no store 'none.db'"
    requireSentence (Cli.run folder [ "runs"; "--limit"; "0" ]) 2 "--limit must be at least 1"
    requireSentence (Cli.run folder [ "train"; "--resume"; "abc" ]) 1 "There is no run 'abc'"
    requireSentence (Cli.run folder [ "sample"; "abc" ]) 1 "There is no run 'abc'"
    requireSentence (Cli.run folder [ "train"; ring; "--pretrained"; "abc" ]) 1 "There is no run 'abc'"

[<Test>]
let ``a damaged checkpoint is named`` () =
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

[<Test>]
let ``a truncated data file`` () =
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

    requireSentence (Cli.run folder [ "train"; demo; "--set"; "data={kind: mnist, folder: .}" ]) 1 "cut short"

/// Runs a shell line as root on a small or read-only file system of its own; None where this machine allows no mounts.
let private onMount options (line: string -> string) =
    let folder = Places.newFolder ()

    let script =
        $"mount -t tmpfs -o {options} none {folder} && cd {folder} && {line Places.ganDll}"

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

[<Test>]
let ``a read-only folder`` () =
    match onMount "size=10m,ro" (fun gan -> $"dotnet {gan} train {ring} --set steps=3") with
    | None -> Assert.Ignore "this machine allows no mounts"
    | Some finished -> requireSentence finished 1 "cannot be used"

[<Test>]
let ``a full disk`` () =
    let set =
        "--set steps=300 --set batch=8 --set samples.every=5 --set checkpoints.every=20"

    match onMount "size=2m" (fun gan -> $"dotnet {gan} train {ring} {set}") with
    | None -> Assert.Ignore "this machine allows no mounts"
    | Some finished -> requireSentence finished 1 "No space left"
