/// Properties for FsCheck. What a failed one prints can be given again: --replay SEED,GAMMA,SIZE with --filter.
[<AutoOpen>]
module Gan.Testing.Property

open System
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

/// A property that is tried on a number of values.
let propertyOf (tries: int) (name: string) (property: 'a) : Test =
    let config =
        { FsCheckConfig.defaultConfig with
            maxTest = tries
        }

    match replayed with
    | None -> testPropertyWithConfig config name property
    | Some(seed, gamma, size) -> testPropertyWithConfigStdGen (seed, gamma, size) config name property

/// A property that is tried on a hundred values.
let property (name: string) (property: 'a) : Test = propertyOf 100 name property
