/// This process among others: what ends it from outside, and how it starts itself again.
module Gan.Cli.OwnProcess

open System
open System.Runtime.InteropServices
open System.Threading

/// Does something that Ctrl-C and a polite end of the process cancel; a second Ctrl-C ends at once.
let cancellable (work: CancellationTokenSource -> 'a) =
    use cancellation = new CancellationTokenSource()

    let cancel (context: PosixSignalContext) =
        if not cancellation.IsCancellationRequested then
            context.Cancel <- true
            cancellation.Cancel()

    use _ = PosixSignalRegistration.Create(PosixSignal.SIGINT, cancel)
    use _ = PosixSignalRegistration.Create(PosixSignal.SIGTERM, cancel)
    work cancellation

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
