module Gan.Core.Tests.GradientTests

open Expecto
open TorchSharp
open Gan.Core
open Gan.Testing
open Gan.Testing.Tensors

let tests =
    testList
        "Gradients"
        [
            property "what goes in comes out"
            <| fun (values: float array) ->
                let bits = Array.map System.BitConverter.DoubleToInt64Bits
                bits (elements (torch.tensor values)) = bits values

            property "a transposed view is read in row-major order"
            <| fun (rows: FsCheck.PositiveInt) (columns: FsCheck.PositiveInt) ->
                let rows, columns = rows.Get, columns.Get
                let original = [| for i in 0 .. rows * columns - 1 -> float i |]
                let transposed = (float64 [ rows; columns ] original).t()

                elements transposed =
                    [|
                        for c in 0 .. columns - 1 do
                            for r in 0 .. rows - 1 do
                                float (r * columns + c)
                    |]

            testCase "arithmetic with numbers"
            <| fun () ->
                let x = torch.tensor [| 1.0; 2.0; 4.0 |]
                Expect.equal [| 3.0; 4.0; 6.0 |] (elements (x.Plus 2.0))
                Expect.equal [| -1.0; 0.0; 2.0 |] (elements (x.Minus 2.0))
                Expect.equal [| 0.5; 1.0; 2.0 |] (elements (x.Over 2.0))
                Expect.equal [| -1.0; -2.0; -4.0 |] (elements (-x))

            testCase "an unused input has a gradient of zeros"
            <| fun () ->
                let x = torch.tensor([| 1.0; 2.0 |]).requires_grad_()
                let unused = torch.tensor([| 3.0 |]).requires_grad_()

                let gradients = Gradient.Of(x.square().sum(), [| x; unused |], createGraph = false)

                Expect.equal [| 2.0; 4.0 |] (elements gradients[0])
                Expect.equal [| 0.0 |] (elements gradients[1])

            testCase "no graph is recorded inside no_grad, and it ends with its scope"
            <| fun () ->
                let x = torch.tensor([| 1.0 |]).requires_grad_()

                do
                    use _ = torch.no_grad ()
                    Expect.equal false ((x * x).requires_grad)

                Expect.equal true ((x * x).requires_grad)

            testCase "gradients go through results of others, and leave no trace on what they are taken of"
            <| fun () ->
                let x = torch.tensor([| 1.0; 2.0 |]).requires_grad_()
                let inputs = Gradient.Inputs [| x.square () |]
                let cubes = (inputs.Values[0] * inputs.Values[0]).sum()
                let inner = Gradient.Of(cubes, inputs.Leaves, createGraph = true)[0]
                Expect.equal [| 2.0; 8.0 |] (elements inner)
                // d/dx of 2 x^2, summed.
                let outer = Gradient.Of(inner.sum (), [| x |], createGraph = false)[0]
                Expect.equal [| 4.0; 8.0 |] (elements outer)
                Expect.holds (isNull x.grad && isNull inputs.Leaves[0].grad) "a gradient was left behind"

            testCase "what cannot be differentiated is an error that says why, not the end of the process"
            <| fun () ->
                let x = torch.tensor([| 1.0; 2.0 |]).requires_grad_()
                let once = x.square().sum()
                Gradient.Of(once, [| x |], createGraph = false) |> ignore

                let message (f: unit -> torch.Tensor array) =
                    (Expect.failure<exn>(fun () -> f () |> ignore)).Message

                Expect.contains "a second time" (message (fun () -> Gradient.Of(once, [| x |], createGraph = false)))

                Expect.contains
                    "without dimensions; got Float64[2]"
                    (message (fun () -> Gradient.Of(x * x, [| x |], false)))

                Expect.contains
                    "requires none"
                    (message (fun () -> Gradient.Of(x.sum (), [| torch.ones [| 2L |] |], false)))

                Expect.contains "is a result of others" (message (fun () -> Gradient.Of(x.sum (), [| x * x |], false)))
        ]
