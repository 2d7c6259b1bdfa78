module Gan.Cli.Tests.Program

open Gan.Testing

[<EntryPoint>]
let main argv =
    [
        TerminalTests.tests
        CommandTests.tests
        FailureTests.tests
        ScriptTests.tests
        ExtensionTests.tests
    ]
    |> Suite.run "Gan.Cli" argv
