module Gan.Cli.Program

open System
open Argu
open Gan.Cli.Failures

let private version () =
    (nonNull (typeof<GanArguments>.Assembly.GetName().Version)).ToString 3

let private dispatch (parsed: ParseResults<GanArguments>) =
    match parsed.TryGetSubCommand() with
    | Some(Train arguments) -> TrainCommand.run arguments
    | Some(Sample arguments) -> RunCommands.sample arguments
    | Some(Export arguments) -> RunCommands.export arguments
    | Some(Runs arguments) -> RunCommands.runs arguments
    | Some(List arguments) -> ListCommand.run arguments
    | Some Doctor -> DoctorCommand.run ()
    | _ when parsed.Contains GanArguments.Version ->
        printfn $"gan {version ()}"
        ExitCode.ok
    | _ ->
        printfn $"{parsed.Parser.PrintUsage()}"
        ExitCode.usage

[<EntryPoint>]
let main argv =
    let parser = ArgumentParser.Create<GanArguments>(programName = "gan")

    try
        dispatch (parser.ParseCommandLine(argv, raiseOnUsage = true))
    with
    | :? ArguParseException as help when help.ErrorCode = ErrorCode.HelpText ->
        Console.Out.WriteLine help.Message
        ExitCode.ok
    | :? ArguParseException as wrong ->
        eprintfn $"gan: {wrong.Message}"
        ExitCode.usage
    | failure -> report failure
