/// The commands that compare dynamics: `gan diff` and `gan check`.
module Gan.Cli.CheckCommands

open System
open System.Diagnostics
open System.IO
open Argu
open Gan.Experiments
open Gan.Cli.Failures

/// What a name stands for: the spec of a file, or a run and its spec, with values set anew.
let find store assignments (name: string) : FoundRun option * ExperimentSpec =
    if File.Exists name then
        None, ExperimentSpec.Load(name, assignments)
    else
        let run = RunIndex.Find(store, name)
        Some run, run.ReadSpec assignments

/// A line now and then on standard error, so that standard output is the result alone.
let private progress () =
    let clock = Stopwatch.StartNew()

    fun (step: int64) ->
        if clock.Elapsed > TimeSpan.FromSeconds 10.0 then
            clock.Restart()
            eprintfn $"alike for {step} steps so far"

let private tensors (difference: FirstDifference) =
    match List.ofSeq difference.Tensors with
    | [] -> "no tensor"
    | [ one ] -> one
    | first :: others -> $"{first} and {others.Length} more"

let private printNumbers (difference: FirstDifference) =
    if difference.Numbers.Length > 0 then
        Output.table
            [ "number"; "first"; "second" ]
            [
                for number in difference.Numbers ->
                    [ number.Name; number.First.ToString "R"; number.Second.ToString "R" ]
            ]

let private printLogged (logged: JournalComparison) =
    match logged.Difference with
    | null -> printfn $"recorded  the journals agree at the {logged.Steps} logged steps that both have"
    | found -> printfn $"recorded  the journals first differ at step {found.Step}, in {found.Numbers[0].Name}"

let private printDifference (steps: int64) (difference: FirstDifference | null) =
    match difference with
    | null -> printfn $"the same bits for all {steps} steps"
    | found when found.Step = 0L -> printfn $"they differ before the first step, in {tensors found}"
    | found ->
        printfn $"the same bits for {found.Step - 1L} steps; after step {found.Step} they differ in {tensors found}"
        printNumbers found

/// `gan diff`
let diff (arguments: ParseResults<DiffArguments>) =
    let store = arguments.GetResult(DiffArguments.Store, RunStores.Default)

    let first, second =
        match arguments.GetResults Pair with
        | [ first; second ] when not (first.StartsWith "-" || second.StartsWith "-") -> first, second
        | _ -> arguments.Raise "name two runs or specs"

    let firstRun, firstSpec = find store [] first

    let secondRun, secondSpec =
        find store (arguments.GetResults DiffArguments.Set) second

    let changed = List.ofSeq (firstSpec.DynamicsDifferences secondSpec)

    let logged =
        Option.map2 (fun a b -> RunComparison.Journals(a, b)) firstRun secondRun

    // What another run has learned cannot be made again from a seed.
    let pretrained =
        [ firstRun; secondRun ]
        |> List.choose id
        |> List.tryFind (fun run -> not (isNull run.Pretrained))

    let steps =
        arguments.GetResult(DiffArguments.Steps, min firstSpec.Steps secondSpec.Steps)

    if steps < 0L then
        arguments.Raise $"--steps must be at least 0; got {steps}"

    let played =
        if pretrained.IsSome then
            null
        else
            RunComparison.Play(firstSpec, secondSpec, steps, progress ())

    if arguments.Contains DiffArguments.Json then
        Output.json
            {|
                spec = changed
                logged = Option.toObj logged
                played = played
                steps = steps
            |}
    else
        for path in changed do
            let value (spec: ExperimentSpec) =
                match spec.Parameters.TryGetValue path with
                | true, value -> value
                | _ -> "(none)"

            printfn $"spec      {path}: {value firstSpec} | {value secondSpec}"

        logged |> Option.iter printLogged

        match pretrained with
        | Some run -> printfn $"not played again: {run.Name} began with the weights of {run.Pretrained}"
        | None -> printDifference steps played

    let loggedAlike =
        logged |> Option.forall (fun compared -> isNull compared.Difference)

    ExitCode.okIf (isNull played && loggedAlike)

/// `gan check`
let check (arguments: ParseResults<CheckArguments>) =
    let file = arguments.GetResult CheckArguments.Baseline
    let json = arguments.Contains CheckArguments.Json

    let spec =
        let path =
            Arguments.required arguments "name a spec" (arguments.GetResults CheckArguments.Spec)

        ExperimentSpec.Load(path, arguments.GetResults CheckArguments.Set)

    let positive = Arguments.positive arguments

    if arguments.Contains CheckArguments.Record then
        let steps = positive "steps" (arguments.GetResult(CheckArguments.Steps, 100))
        let seeds = positive "seeds" (arguments.GetResult(CheckArguments.Seeds, 8))
        let baseline = BaselineCheck.Record(spec, steps, seeds)
        baseline.Save file
        printfn $"{steps} steps and the bands of {seeds} seeds in {Path.GetFullPath file}"
        ExitCode.ok
    elif arguments.Contains CheckArguments.Steps || arguments.Contains Seeds then
        arguments.Raise "--steps and --seeds go with --record; a check is of the baseline's own steps"
    else
        let closeness =
            match arguments.Contains CheckArguments.Bits, arguments.Contains CheckArguments.Bands with
            | true, true -> arguments.Raise "choose --bits or --bands"
            | _, true -> Closeness.Bands
            | _ -> Closeness.Bits

        let baseline = Baseline.Load file
        let name = Output.word closeness

        match BaselineCheck.Check(spec, baseline, closeness) with
        | null ->
            if json then
                Output.json
                    {|
                        passed = true
                        closeness = name
                        steps = baseline.Steps.Length
                    |}
            else
                printfn $"the {name} of all {baseline.Steps.Length} steps are those of the baseline"

            ExitCode.ok
        | breach ->
            if json then
                Output.json
                    {|
                        passed = false
                        closeness = name
                        step = breach.Step
                        sentence = breach.Message
                    |}
            else
                printfn $"step {breach.Step} is not that of the baseline: {breach.Message}"

            ExitCode.failed
