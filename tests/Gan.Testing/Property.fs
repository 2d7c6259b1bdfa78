/// Properties for FsCheck. A failed one says with which arguments the same program fails the same way again.
[<AutoOpen>]
module Gan.Testing.Property

open System
open System.Text.RegularExpressions
open Expecto

/// The argument's name.
let internal replayArgument = "--replay"

// Tests are values that are made before the program sees its arguments.
let private replayed =
    let arguments = Environment.GetCommandLineArgs()

    match Array.tryFindIndex ((=) replayArgument) arguments with
    | Some i when i + 1 < arguments.Length ->
        match arguments[i + 1].Split ',' with
        | [| seed; gamma |] -> Some(uint64 seed, uint64 gamma, None)
        | [| seed; gamma; size |] -> Some(uint64 seed, uint64 gamma, Some(int size))
        | _ -> failwith $"{replayArgument} is given SEED,GAMMA or SEED,GAMMA,SIZE; got {arguments[i + 1]}"
    | _ -> None

/// How Expecto says it, for those who change the code to try again.
let private focus =
    Regex @"Focus on error:\s+\w+ \((\d+)UL, (\d+)UL, Some (\d+)\).*"

/// The test, whose failure says with which arguments its values are tried again.
let private sayingHow (name: string) (test: Test) =
    let rec saying test =
        match test with
        | TestLabel(label, inner, state) -> TestLabel(label, saying inner, state)
        | TestCase(AsyncFsCheck(config, stress, check), state) ->
            let check config =
                async {
                    try
                        do! check config
                    with :? FailedException as failure ->
                        let again = $"Again: {replayArgument} $1,$2,$3 --filter-test-case \"{name}\""

                        raise (FailedException(focus.Replace(failure.Message, again)))
                }

            TestCase(AsyncFsCheck(config, stress, check), state)
        | other -> other

    saying test

/// A property that is tried on a number of values.
let propertyOf (tries: int) (name: string) (property: 'a) : Test =
    let config =
        { FsCheckConfig.defaultConfig with
            maxTest = tries
        }

    match replayed with
    | None -> testPropertyWithConfig config name property
    | Some(seed, gamma, size) -> testPropertyWithConfigStdGen (seed, gamma, size) config name property
    |> sayingHow name

/// A property that is tried on a hundred values.
let property (name: string) (property: 'a) : Test = propertyOf 100 name property
