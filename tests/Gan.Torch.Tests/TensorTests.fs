module Gan.Torch.Tests.TensorTests

open NUnit.Framework
open FsCheck.NUnit
open Gan.Torch
open Gan.Testing
open Gan.Testing.Tensors

[<Property>]
let ``what goes in comes out`` (values: float array) =
    elements (torch.tensor values)
    |> Array.map System.BitConverter.DoubleToInt64Bits
        =
        Array.map System.BitConverter.DoubleToInt64Bits values

[<Property>]
let ``a transposed view is read in row-major order`` (rows: FsCheck.PositiveInt) (columns: FsCheck.PositiveInt) =
    let rows, columns = rows.Get, columns.Get
    let original = [| for i in 0 .. rows * columns - 1 -> float i |]
    let transposed = (float64 [ rows; columns ] original).t()

    elements transposed =
        [|
            for c in 0 .. columns - 1 do
                for r in 0 .. rows - 1 do
                    float (r * columns + c)
        |]

[<Test>]
let ``arithmetic with numbers on either side`` () =
    let x = torch.tensor [| 1.0; 2.0; 4.0 |]
    let two = Scalar.op_Implicit 2.0
    Expect.equal ([| 3.0; 4.0; 6.0 |]) (elements (x + two))
    Expect.equal ([| 1.0; 0.0; -2.0 |]) (elements (two - x))
    Expect.equal ([| -1.0; 0.0; 2.0 |]) (elements (x - two))
    Expect.equal ([| 0.5; 1.0; 2.0 |]) (elements (x / two))
    Expect.equal ([| -1.0; -2.0; -4.0 |]) (elements (-x))

[<Test>]
let ``an unused input has a gradient of zeros`` () =
    let x = torch.tensor([| 1.0; 2.0 |]).requires_grad_()
    let unused = torch.tensor([| 3.0 |]).requires_grad_()

    let gradients =
        EngineDifferences.Gradients(x.square().sum(), [| x; unused |], createGraph = false)

    Expect.equal ([| 2.0; 4.0 |]) (elements gradients[0])
    Expect.equal ([| 0.0 |]) (elements gradients[1])

[<Test>]
let ``no graph is recorded inside no_grad, and it ends with its scope`` () =
    let x = torch.tensor([| 1.0 |]).requires_grad_()

    do
        use _ = torch.no_grad ()
        Expect.equal false ((x * x).requires_grad)

    Expect.equal true ((x * x).requires_grad)

[<Test>]
let ``an ended tensor says so`` () =
    let tensor =
        use _ = torch.NewDisposeScope()
        torch.zeros [| 1L |]

    let failure =
        Expect.failure<System.ObjectDisposedException>(fun () -> tensor.sum () |> ignore)

    Expect.contains "MoveToOuterDisposeScope" failure.Message
