module Gan.Api.Tests.Program

/// The tests are run by their adapter; there is nothing to run by hand.
[<EntryPoint>]
let main _ = 2
