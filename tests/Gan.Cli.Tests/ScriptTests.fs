/// The F# scripts of docs/examples and experiments run as they stand.
module Gan.Cli.Tests.ScriptTests

open System.Diagnostics
open System.IO
open NUnit.Framework
open Gan.Testing

/// The scripts.
type Source() =
    static member Scripts =
        [| Path.Combine("docs", "examples"); "experiments" |]
        |> Array.collect (fun folder ->
            Directory.GetFiles(Path.Combine(Places.root, folder), "*.fsx", SearchOption.AllDirectories))
        |> Array.map (fun file -> Path.GetRelativePath(Places.root, file))

[<TestCaseSource(typeof<Source>, "Scripts")>]
let ``an example runs`` (script: string) =
    let info =
        ProcessStartInfo("dotnet", RedirectStandardOutput = true, RedirectStandardError = true)

    // Scripts that draw take a size and a folder.
    for argument in
        [
            "fsi"
            "--warnaserror+"
            Path.Combine(Places.root, script)
            "6"
            Places.newFolder ()
        ] do
        info.ArgumentList.Add argument

    use running = nonNull (Process.Start info)
    let error = running.StandardError.ReadToEndAsync()
    let out = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    Expect.holds (running.ExitCode = 0) (error.Result + out)
