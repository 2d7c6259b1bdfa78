/// The F# scripts of docs/examples run as they stand.
module Gan.Cli.Tests.ScriptTests

open System.Diagnostics
open System.IO
open NUnit.Framework
open Gan.Testing

/// The scripts.
type Source() =
    static member Scripts =
        Directory.GetFiles(Path.Combine(Places.root, "docs", "examples"), "*.fsx")
        |> Array.map (fun file -> Path.GetRelativePath(Places.root, file))

[<TestCaseSource(typeof<Source>, "Scripts")>]
let ``an example runs`` (script: string) =
    let info =
        ProcessStartInfo("dotnet", RedirectStandardOutput = true, RedirectStandardError = true)

    for argument in [ "fsi"; "--warnaserror+"; Path.Combine(Places.root, script) ] do
        info.ArgumentList.Add argument

    use running = nonNull (Process.Start info)
    let error = running.StandardError.ReadToEndAsync()
    let out = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    Expect.holds (running.ExitCode = 0) (error.Result + out)
