/// Numbers beside tensors outlive the operators that read them, whatever the collector does on other threads.
module Gan.Core.Tests.ScalarTests

open System.Diagnostics
open System.Threading
open Expecto
open TorchSharp
open Gan.Core
open Gan.Testing

let private allocate (stop: CancellationToken) () =
    let kept = ResizeArray<byte array>()

    while not stop.IsCancellationRequested do
        kept.Add(Array.zeroCreate 2000)

        if kept.Count > 1000 then
            kept.Clear()

let tests =
    testList
        "Scalars"
        [
            testCase "sums and products with numbers are right while other threads collect garbage"
            <| fun () ->
                Expect.holds Engine.ScalarsAreDeferred "scalars are not deferred on this machine"
                use stopping = new CancellationTokenSource()

                let threads =
                    [ for _ in 1..3 -> Thread(allocate stopping.Token, IsBackground = true) ]

                for thread in threads do
                    thread.Start()

                let x, y = torch.ones [| 64L |], torch.ones [| 64L |]
                let clock = Stopwatch.StartNew()

                try
                    while clock.Elapsed.TotalSeconds < 6.0 do
                        use _ = torch.NewDisposeScope()

                        for _ in 1..100 do
                            let sum = (x + y).Times(3.0).sum().item<float32>()
                            Expect.equal 384.0f sum
                finally
                    stopping.Cancel()

                    for thread in threads do
                        thread.Join()
        ]
