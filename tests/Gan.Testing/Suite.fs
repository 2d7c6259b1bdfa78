/// A project's tests as a program, with Expecto's arguments and two more: --full, and --replay of a failed property.
module Gan.Testing.Suite

open System
open Expecto
open Expecto.Impl

let private fullLabel = "full"

/// Tests that are run with --full alone, since they take long.
let full (tests: Test list) : Test = testList fullLabel tests

/// The arguments that are Expecto's.
let private ofExpecto (argv: string[]) =
    match Array.tryFindIndex ((=) replayArgument) argv with
    | Some i -> Array.append argv[.. i - 1] argv[i + 2 ..]
    | None -> argv
    |> Array.except [ "--full" ]

/// The ten slowest tests, and the counts as build.fsx reads them.
let private conclude (project: string) (summary: TestRunSummary) =
    let counted tests = List.length tests

    for test, result in
        summary.results
        |> List.sortByDescending (fun (_, result) -> result.duration)
        |> List.truncate 10 do
        let name = String.Join(" / ", test.name)
        printfn $"%6.1f{result.duration.TotalSeconds} s  {name}"

    let failed = counted summary.failed + counted summary.errored
    printfn $"{project}: {counted summary.passed} passed, {failed} failed, {counted summary.ignored} skipped"

/// Runs a project's tests, one after another: many set what is the process's, such as its folder and its threads. Returns the
/// exit code.
let run (project: string) (argv: string[]) (tests: Test list) : int =
    let chosen =
        let all = testList project tests

        if Array.contains "--full" argv then
            all
        else
            all |> Test.filter "/" (not << List.contains fullLabel)

    let arguments =
        [
            Sequenced
            No_Spinner
            Append_Summary_Handler(SummaryHandler(conclude project))
            if Console.IsOutputRedirected then
                Colours 0
        ]

    runTestsWithCLIArgs arguments (ofExpecto argv) chosen
