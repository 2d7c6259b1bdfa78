module Gan.Torch.Tests.LifetimeTests

open System
open NUnit.Framework
open Gan.Torch
open Gan.Testing
open Gan.Testing.Tensors

let private collect () =
    for _ in 1..3 do
        GC.Collect()
        GC.WaitForPendingFinalizers()

[<Test; NonParallelizable>]
let ``a scope ends what was made in it and keeps what was moved out`` () =
    collect ()
    let before = EngineDifferences.LiveHandles

    let kept =
        use scope = torch.NewDisposeScope()
        let inner = torch.ones [| 4L |]

        do
            use _ = torch.NewDisposeScope()
            (inner * inner).sum().MoveToOuterDisposeScope() |> ignore

        scope.MoveToOuter(inner.sum ())

    Expect.equal 1L (EngineDifferences.LiveHandles - before)
    Expect.equal 4.0f (kept.item<float32>())
    kept.Dispose()
    Expect.equal (before) (EngineDifferences.LiveHandles)

let private forget count =
    for _ in 1..count do
        torch.ones [| 1000L |] |> ignore

[<Test; NonParallelizable>]
let ``what nobody keeps is collected without a scope`` () =
    collect ()
    let before = EngineDifferences.LiveHandles
    forget 1000
    collect ()
    Expect.holds (EngineDifferences.LiveHandles - before < 5L) "handles were not collected"

[<Test>]
let ``scopes end in the order of nesting`` () =
    let outer = torch.NewDisposeScope()
    let inner = torch.NewDisposeScope()
    Expect.failure<InvalidOperationException>(fun () -> outer.Dispose()) |> ignore
    inner.Dispose()
    outer.Dispose()
