module Gan.Cli.Program

open System
open Argu
open Gan.Cli.Failures

let private parser = ArgumentParser.Create<GanArguments>(programName = "gan")

/// One sentence for wrong usage: what was wrong, and the nearest command where a command was.
let private usageError (argv: string array) (message: string) =
    let first = message.Split '\n' |> Array.head
    let what = first.Replace("ERROR: ", "").TrimEnd '.'

    let commands =
        parser.GetArgumentCases()
        |> List.filter (fun case -> case.ArgumentType = ArgumentType.SubCommand)
        |> List.map _.Name.Value

    match Array.tryHead argv with
    | Some command when commands |> List.contains command -> $"{what}. See: gan {command} --help"
    | Some command when not (command.StartsWith "-") ->
        $"there is no command '{command}'; {Gan.Experiments.NearestName.Hint(command, commands)}"
    | _ -> $"{what}. See: gan --help"

let private dispatch (parsed: ParseResults<GanArguments>) =
    match parsed.TryGetSubCommand() with
    | Some(Train arguments) -> TrainCommand.run arguments
    | Some(Sweep arguments) -> SweepCommand.run arguments
    | Some(Sample arguments) -> GeneratorCommands.sample arguments
    | Some(GanArguments.Export arguments) -> GeneratorCommands.export arguments
    | Some(Runs arguments) -> RunsCommand.run arguments
    | Some(Compare arguments) -> CompareCommand.run arguments
    | Some(GanArguments.Report arguments) -> CompareCommand.report arguments
    | Some(Sync arguments) -> RunsCommand.sync arguments
    | Some(Spectrum arguments) -> SpectrumCommand.run arguments
    | Some(Diff arguments) -> CheckCommands.diff arguments
    | Some(Check arguments) -> CheckCommands.check arguments
    | Some(List arguments) -> ListCommand.run arguments
    | Some(Laws arguments) -> LawsCommand.run arguments
    | Some Doctor -> DoctorCommand.run ()
    | _ when parsed.Contains GanArguments.Version ->
        let version = nonNull (typeof<GanArguments>.Assembly.GetName().Version)
        printfn $"gan {version.ToString 3}"
        ExitCode.ok
    | _ ->
        printfn $"{parsed.Parser.PrintUsage()}"
        ExitCode.usage

[<EntryPoint>]
let main argv =
    ScriptCompiler.install ()

    try
        dispatch (parser.ParseCommandLine(argv, raiseOnUsage = true))
    with
    | :? ArguParseException as help when help.ErrorCode = ErrorCode.HelpText ->
        Console.Out.WriteLine help.Message
        ExitCode.ok
    | :? ArguParseException as wrong ->
        eprintfn $"gan: {usageError argv wrong.Message}"
        ExitCode.usage
    | failure -> report failure
