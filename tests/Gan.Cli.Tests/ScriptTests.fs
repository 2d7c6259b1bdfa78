/// The F# scripts of docs/examples and experiments run as they stand.
module Gan.Cli.Tests.ScriptTests

open System
open System.IO
open Expecto
open Gan.Testing

/// Runs that take minutes.
let private long = Path.Combine("experiments", "losses", "table.fsx")

let private scripts =
    [| Path.Combine("docs", "examples"); "experiments" |]
    |> Array.collect (fun folder ->
        Directory.GetFiles(Path.Combine(Places.root, folder), "*.fsx", SearchOption.AllDirectories))
    // Those are named by specs, and compiled by gan.
    |> Array.filter (fun file -> not (file.Contains(Path.Combine("examples", "extensions"))))
    |> Array.map (fun file -> Path.GetRelativePath(Places.root, file))

let private runs (script: string) =
    testCase script
    <| fun () ->
        // Scripts that draw take a size and a folder.
        let arguments =
            [
                "fsi"
                "--warnaserror+"
                Path.Combine(Places.root, script)
                "6"
                Places.newFolder ()
            ]

        let finished = Cli.runDotnet Environment.CurrentDirectory arguments
        Expect.holds (finished.Code = 0) $"exit code {finished.Code}: {finished.Error}{finished.Out}"

let tests =
    testList
        "Script"
        [
            testList "an example runs" [ for script in Array.except [ long ] scripts -> runs script ]
            Suite.full [ runs long ]
        ]
