/// This process among others: what ends it from outside, and how it starts itself again.
module Gan.Cli.OwnProcess

open System
open System.Runtime.InteropServices
open System.Threading

/// Cancels on Ctrl-C and on a polite end of the process; a second Ctrl-C ends at once.
let cancelOn (cancellation: CancellationTokenSource) =
    let cancel (context: PosixSignalContext) =
        if not cancellation.IsCancellationRequested then
            context.Cancel <- true
            cancellation.Cancel()

    [ PosixSignal.SIGINT; PosixSignal.SIGTERM ]
    |> List.map (fun signal -> PosixSignalRegistration.Create(signal, cancel))

/// Cancels when standard input ends: whoever started the process has gone, or wants it to stop.
let cancelAtEndOfInput (cancellation: CancellationTokenSource) =
    let wait () =
        while Console.In.Read() >= 0 do
            ()

        try
            cancellation.Cancel()
        with :? ObjectDisposedException ->
            // The run was quicker.
            ()

    Thread(wait, IsBackground = true).Start()

/// The program and first arguments of this command line.
let command () =
    let program = nonNull Environment.ProcessPath
    let own = Environment.GetCommandLineArgs()[0]

    if program.EndsWith "dotnet" || program.EndsWith "dotnet.exe" then
        [ program; own ]
    else
        [ program ]
