/// Tensors end without a Dispose: with the scope of the function that made them, or by the collector.
module Gan.Core.Tests.ScopeTests

open Expecto
open TorchSharp
open Gan.Core
open Gan.Testing

let private draw (index: int64) =
    RandomKey.FromSeed(1L).Derive(index).Normal(torch.ScalarType.Float64, 100, 1000)

let tests =
    testList
        "Scopes"
        [
            testCase "a scope ends what was made in it but what it keeps"
            <| fun () ->
                Memory.collect ()
                let before = torch.Tensor.TotalCount
                let outside = torch.ones [| 4L |]

                let kept =
                    use scope = new TensorScope()
                    scope.Keep outside |> ignore
                    scope.Keep((outside * outside).sum())

                Expect.equal 2L (torch.Tensor.TotalCount - before)
                Expect.equal 4.0f (kept.item<float32>())
                TensorScope.End kept
                TensorScope.End outside
                Expect.equal before torch.Tensor.TotalCount

            testCase "what is kept belongs to the scope around"
            <| fun () ->
                let kept =
                    use _ = torch.NewDisposeScope()

                    let kept =
                        use scope = new TensorScope()
                        scope.Keep(torch.ones [| 4L |])

                    Expect.holds (not kept.IsInvalid) "ended with the inner scope"
                    kept

                Expect.holds kept.IsInvalid "outlived the scope around"

            testCase "numbers that nobody keeps do not pile up, without a scope or Dispose"
            <| fun () ->
                let drawMany count =
                    for i in 1..count do
                        draw (int64 i) |> ignore

                drawMany 200
                let early = Memory.residentMegabytes ()
                // 8 GB in all.
                drawMany 10_000
                let late = Memory.residentMegabytes ()

                Expect.holds
                    (late < 1.5 * early + 100.0)
                    $"{early} MB after 200 draws of 0.8 MB, {late} MB after 10,000"
        ]
