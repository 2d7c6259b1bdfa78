module Gan.Core.Tests.LifetimeTests

open System
open NUnit.Framework
open Gan.Torch
open Gan.Testing
open Gan.Core.Tests.GameTests

let private live () =
    for _ in 1..3 do
        GC.Collect()
        GC.WaitForPendingFinalizers()

    EngineDifferences.LiveHandles

[<Test; NonParallelizable>]
let ``no handle leaks over 10,000 steps`` () =
    let game = game "plain"
    let mutable state = run game 10 givingUp
    let before = live ()

    for step in 10..10_009 do
        use scope = torch.NewDisposeScope()
        let next = givingUp game state (batches game step)

        for tensor in next.Tensors do
            scope.MoveToOuter tensor |> ignore

        state <- next

    Expect.equal before (live ())
    Expect.equal 10_010L state.Step
