/// Tensors from F# lists and back, and comparisons with a message.
module Gan.Testing.Tensors

open System
open TorchSharp
open Gan.Core

type Tensor = torch.Tensor

/// A float64 tensor of a shape.
let float64 (shape: int list) (values: float seq) =
    torch.tensor(Array.ofSeq values).reshape [| for size in shape -> int64 size |]

/// All elements in row-major order.
let elements (tensor: Tensor) =
    TensorData.ToArray<float>(tensor.detach().to_type torch.ScalarType.Float64)

/// The one element.
let value (tensor: Tensor) =
    tensor.detach().to_type(torch.ScalarType.Float64).item<float>()

/// True when |a - b| <= tolerance (1 + |b|); not-a-number is close to itself.
let close tolerance (a: float) (b: float) =
    abs (a - b) <= tolerance * (1.0 + abs b)
    || (Double.IsNaN a && Double.IsNaN b)
    || a = b

/// Fails with the first pair that is not close.
let requireClose tolerance (actual: float seq) (expected: float seq) (what: string) =
    let actual, expected = Array.ofSeq actual, Array.ofSeq expected

    if actual.Length <> expected.Length then
        failwith $"{what}: {actual.Length} values, expected {expected.Length}"

    Array.zip actual expected
    |> Array.iteri (fun i (a, b) ->
        if not (close tolerance a b) then
            failwith $"{what}: element {i} is {a:R}, expected {b:R}")
