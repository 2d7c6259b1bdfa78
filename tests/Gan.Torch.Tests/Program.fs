module Gan.Torch.Tests.Program

/// What tests run in a process of its own.
[<EntryPoint>]
let main arguments =
    match arguments with
    | [| "fuzz" |] ->
        OperatorTests.fuzz 40
        0
    | _ -> 2
