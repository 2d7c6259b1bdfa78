/// Wrong arguments end in exceptions, never in the end of the process.
module Gan.Core.Tests.MisuseTests

open System
open System.IO
open Expecto
open Gan.Testing

/// The argument with which this program misuses the library instead of testing it.
let argument = "--misuse"

let private head count (text: string) =
    String.Join("\n", Seq.truncate count (text.Split '\n'))

/// Calls every function some times in a process of its own, and fails with the name of the function that ended it.
let private misuse (times: int) =
    let finished =
        Cli.runDotnet
            Environment.CurrentDirectory
            [
                Path.Combine(AppContext.BaseDirectory, "Gan.Core.Tests.dll")
                argument
                string times
            ]

    let last = finished.Out.TrimEnd().Split('\n') |> Array.last

    if finished.Code <> 0 then
        failtest $"the process ended with {finished.Code} in {last}\n{head 20 finished.Error}"

    match last.Split ' ' with
    | [| functions; "functions,"; calls; "calls,"; _; "returned" |] ->
        Expect.holds (int functions > 2500) $"only {functions} functions were called"
        Expect.equal (int functions * times) (int calls)
    | _ -> failtest $"the process ended without counts, in {last}\n{head 20 finished.Error}"

let private name = "no function ends the process, whatever its arguments"

let tests =
    testList
        "Misuse"
        [
            testCase $"{name}: four calls of each" (fun () -> misuse 4)
            Suite.full [ testCase $"{name}: a hundred calls of each" (fun () -> misuse 100) ]
        ]
