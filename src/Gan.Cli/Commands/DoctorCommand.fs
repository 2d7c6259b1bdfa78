module Gan.Cli.DoctorCommand

open System
open System.IO
open System.Runtime.InteropServices
open Gan.Experiments
open Gan.Torch
open Gan.Cli.Failures

/// One thing looked at: its name, what was found, and whether Gan can work with it.
type private Finding =
    {
        Name: string
        Found: string
        Good: bool
    }

let private attempt name look =
    try
        {
            Name = name
            Found = look ()
            Good = true
        }
    with failure ->
        let sentence, _ = explain failure

        {
            Name = name
            Found = sentence
            Good = false
        }

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

/// `gan doctor`
let run () =
    let engine =
        attempt "engine" (fun () -> EngineDifferences.Capabilities().Replace("\n", "; "))

    let server =
        match TrackingSpec.FromEnvironment().Server with
        | null -> []
        | address ->
            [
                attempt "server" (fun () -> MlflowServer.Probe(address, ServerSettings.FromEnvironment()))
            ]

    let findings =
        [
            {
                Name = "runtime"
                Found = RuntimeInformation.FrameworkDescription
                Good = true
            }
            {
                Name = "machine"
                Found = $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors"
                Good = true
            }
            engine
            attempt "sqlite" store
            attempt "folder" folder
            yield! server
        ]

    for finding in findings do
        let mark = if finding.Good then "ok     " else "MISSING"
        printfn $"{mark} {finding.Name, -8} {finding.Found}"

    if findings |> List.forall _.Good then
        ExitCode.ok
    else
        ExitCode.failed
