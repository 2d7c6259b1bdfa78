/// Runs the command line as a user does: a process of its own, in a folder of its own.
module Gan.Testing.Cli

open System
open System.Diagnostics
open System.Text.Json

/// What a command left: its exit code and what it printed.
type Finished =
    {
        Code: int
        Out: string
        Error: string
    }

    /// The last line of standard output, as JSON.
    member this.Last =
        JsonDocument.Parse(this.Out.TrimEnd().Split('\n') |> Array.last).RootElement

let private startInfo folder (environment: (string * string) list) (arguments: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true
        )

    for argument in arguments do
        info.ArgumentList.Add argument

    for name, value in environment do
        info.Environment[name] <- value

    info

let private startDotnet folder environment arguments =
    nonNull (Process.Start(startInfo folder environment arguments))

/// Starts `gan` in a folder, with environment variables set.
let start folder environment arguments =
    startDotnet folder environment (Places.ganDll :: arguments)

/// To its end.
let private finish (started: Process) =
    use running = started
    let error = running.StandardError.ReadToEndAsync()
    let out = running.StandardOutput.ReadToEnd()
    running.WaitForExit()

    {
        Code = running.ExitCode
        Out = out
        Error = error.Result
    }

/// Runs `dotnet` in a folder to its end.
let runDotnet folder arguments =
    finish (startDotnet folder [] arguments)

/// Runs `gan` in a folder, with environment variables set, to its end.
let runWith folder environment arguments =
    finish (start folder environment arguments)

/// Runs `gan` in a folder to its end.
let run folder arguments = runWith folder [] arguments

/// Runs `gan` and fails unless its exit code is 0.
let runOk folder arguments =
    let finished = run folder arguments

    if finished.Code <> 0 then
        let line = String.Join(" ", (arguments: string list))
        failwith $"gan {line} ended with {finished.Code}: {finished.Error}"

    finished

/// Sends a signal to a process, by the shell's own kill: small systems have no other.
let signal (name: string) (running: Process) =
    use sent = Process.Start("/bin/sh", [ "-c"; $"kill -{name} {running.Id}" ])
    sent.WaitForExit()

/// Whether a program is there to be run.
let hasCommand (name: string) =
    (nonNull (Environment.GetEnvironmentVariable "PATH")).Split ':'
    |> Array.exists (fun folder -> IO.File.Exists(IO.Path.Combine(folder, name)))
