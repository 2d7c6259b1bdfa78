module Gan.Cli.DoctorCommand

open System
open System.IO
open System.Runtime.InteropServices
open Gan.Experiments
open Gan.Core
open Gan.Cli.Failures

/// One thing looked at: its name, what was found, and whether Gan can work with it.
let private attempt (name: string) (look: unit -> string) =
    try
        name, look (), true
    with failure ->
        name, fst (explain failure), false

let private folder () =
    let probe = Path.Combine(Environment.CurrentDirectory, $".gan-{Guid.NewGuid():N}")
    File.WriteAllText(probe, "")
    File.Delete probe
    let free = DriveInfo(Environment.CurrentDirectory).AvailableFreeSpace / (1L <<< 20)
    $"{Environment.CurrentDirectory} is writable, {free} MiB free"

let private store () =
    let file = Path.GetTempFileName()

    try
        use _ = SqliteStore.Open file
        "a store can be made and opened"
    finally
        File.Delete file

let private engine () =
    let weakness =
        if Engine.ScalarsAreDeferred then
            ""
        else
            "; a collection on another thread may spoil a number beside a tensor (docs/decisions/scalars.md)"

    $"TorchSharp {Engine.TorchSharpVersion}, libtorch {Engine.LibtorchVersion}, products by {Engine.Blas}{weakness}"

let private devices () =
    let gpus =
        match Engine.CudaDevices with
        | 0 -> "no CUDA device"
        | _ when not Engine.CudaIsDeterministic ->
            "cuda, whose convolutions give other bits every time: this libtorch has no switch for it"
        | 1 -> "cuda:0"
        | count -> $"cuda:0 to cuda:{count - 1}"

    $"cpu of {Environment.ProcessorCount} threads; {gpus}"

/// `gan doctor`
let run () =
    let findings =
        [
            "runtime", RuntimeInformation.FrameworkDescription, true
            "machine", $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors", true
            attempt "engine" engine
            attempt "devices" devices
            attempt "sqlite" store
            attempt "folder" folder

            match TrackingSpec.FromEnvironment().Server with
            | null -> ()
            | address -> attempt "server" (fun () -> MlflowServer.Probe(address, ServerSettings.FromEnvironment()))
        ]

    let mark good = if good then "ok" else "MISSING"

    if Terminal.isLive () then
        Terminal.table [ ""; ""; "" ] [ for name, found, good in findings -> [ mark good; name; found ] ]
    else
        for name, found, good in findings do
            printfn $"{mark good, -7} {name, -8} {found}"

    ExitCode.okIf (findings |> List.forall (fun (_, _, good) -> good))
