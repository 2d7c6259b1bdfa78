/// A project's tests as a program, with Expecto's arguments and two more: --full, and --replay of a failed property.
module Gan.Testing.Suite

open System
open Expecto
open Expecto.Impl

let private fullLabel = "full"

/// Tests that are run with --full alone, since they take long.
let full (tests: Test list) : Test = testList fullLabel tests

let rec private withoutFull test =
    match test with
    | TestLabel(label, _, state) when label = fullLabel -> TestList([], state)
    | TestLabel(label, inner, state) -> TestLabel(label, withoutFull inner, state)
    | TestList(inner, state) -> TestList(List.map withoutFull inner, state)
    | Test.Sequenced(how, inner) -> Test.Sequenced(how, withoutFull inner)
    | TestCase _ -> test

/// The arguments that are Expecto's.
let private ofExpecto (argv: string[]) =
    match Array.tryFindIndex ((=) replayArgument) argv with
    | Some i -> Array.append argv[.. i - 1] argv[i + 2 ..]
    | None -> argv
    |> Array.except [ "--full" ]

/// The slowest tests, and the counts as build.fsx reads them. (Expecto has a printfn of its own.)
let private conclude (project: string) (summary: TestRunSummary) =
    Console.WriteLine()

    for test, result in
        summary.results
        |> List.sortByDescending (fun (_, result) -> result.duration)
        |> List.truncate 15 do
        let name = String.Join(" / ", test.name)
        Console.WriteLine $"%6.1f{result.duration.TotalSeconds} s  {name}"

    let passed, skipped = summary.passed.Length, summary.ignored.Length
    let failed = summary.failed.Length + summary.errored.Length
    Console.WriteLine $"{project}: {passed} passed, {failed} failed, {skipped} skipped"

/// Runs a project's tests, one after another: many set what is the process's, such as its folder and its threads. Returns the
/// exit code.
let run (project: string) (argv: string[]) (tests: Test list) : int =
    let all = testList project tests

    let chosen =
        if Array.contains "--full" argv then
            all
        else
            withoutFull all

    let finished = ResizeArray<TestRunSummary>()

    let arguments =
        [
            Sequenced
            No_Spinner
            JoinWith "/"
            Append_Summary_Handler(SummaryHandler finished.Add)
            if Console.IsOutputRedirected then
                Colours 0
        ]

    let code = runTestsWithCLIArgs arguments (ofExpecto argv) chosen
    // Only now is standard output the console's again.
    Seq.iter (conclude project) finished
    code
