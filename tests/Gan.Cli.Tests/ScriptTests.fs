/// The F# scripts of docs/examples and experiments run as they stand.
module Gan.Cli.Tests.ScriptTests

open System.Diagnostics
open System.IO
open Expecto
open Gan.Testing

/// Runs that take minutes.
let private long = Path.Combine("experiments", "losses", "table.fsx")

let private scripts =
    [| Path.Combine("docs", "examples"); "experiments" |]
    |> Array.collect (fun folder ->
        Directory.GetFiles(Path.Combine(Places.root, folder), "*.fsx", SearchOption.AllDirectories))
    |> Array.map (fun file -> Path.GetRelativePath(Places.root, file))

let private runs (script: string) =
    testCase script
    <| fun () ->
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
        Expect.holds (running.ExitCode = 0) $"exit code {running.ExitCode}: {error.Result}{out}"

let tests =
    testList
        "Script"
        [
            testList "an example runs" [ for script in Array.except [ long ] scripts -> runs script ]
            Suite.full [ runs long ]
        ]
