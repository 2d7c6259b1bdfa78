module Gan.Cli.LawsCommand

open Argu
open Gan.Experiments
open Gan.Cli.Failures

/// `gan laws`
let run (arguments: ParseResults<LawsArguments>) =
    let files = arguments.GetResults Files

    if List.isEmpty files then
        arguments.Raise "name an extension: an F# script or an assembly"

    let results =
        List.ofSeq (ExtensionLaws.Check [| for file in files -> Extensions.Of file |])

    if List.isEmpty results then
        raise (UserException "The extension adds nothing that has laws.")

    for result in results do
        if arguments.Contains LawsArguments.Json then
            Output.json result
        else
            match result.Failure with
            | null -> printfn $"holds   {result.Entry}: {result.Law}"
            | failure -> printfn $"BROKEN  {result.Entry}: {result.Law}: {failure}"

    let broken = results |> List.filter (fun result -> not (isNull result.Failure))

    if not (arguments.Contains LawsArguments.Json) then
        printfn $"{results.Length - broken.Length} laws hold, {broken.Length} are broken"

    if broken.IsEmpty then ExitCode.ok else ExitCode.failed
