/// Derivatives by automatic differentiation against central differences, to any order.
module Gan.Testing.Derivatives

open Gan.Core
open TorchSharp
open Gan.Testing.Tensors

let private shift (points: Tensor list) (direction: Tensor list) (amount: float) =
    List.map2 (fun (p: Tensor) (d: Tensor) -> (p.detach () + d.Times(amount)).requires_grad_()) points direction

/// The derivative of a scalar function along a direction, itself a differentiable scalar function.
let private along (direction: Tensor list) (f: Tensor list -> Tensor) (points: Tensor list) =
    let output = f points

    if not output.requires_grad then
        output.Times(0.0)
    else
        let gradients = Gradient.Of(output, Array.ofList points, createGraph = true)

        List.map2 (fun (g: Tensor) (d: Tensor) -> (g * d).sum()) (List.ofArray gradients) direction
        |> List.reduce (fun a b -> a + b)

/// A random direction of the points' shapes, of unit length.
let private direction (key: RandomKey) (points: Tensor list) =
    let drawn =
        points
        |> List.mapi (fun i p -> key.Derive(int64 i).Normal(torch.ScalarType.Float64, [| for s in p.shape -> int s |]))

    let length = drawn |> List.sumBy (fun d -> value (d.square().sum())) |> sqrt
    drawn |> List.map (fun d -> d.Times(1.0 / length))

/// Fails unless the derivatives of the orders 1 .. orders, each along a random direction, agree with central
/// differences of the order below.
let requireDerivatives orders tolerance (f: Tensor list -> Tensor) (points: Tensor list) (what: string) =
    let step = 1e-5
    let mutable below = f

    for order in 1..orders do
        let toward = direction (RandomKey.FromSeed(int64 order)) points
        let previous = below
        let here = points |> List.map (fun p -> p.detach().requires_grad_())
        let exact = value (along toward previous here)
        let ahead = value (previous (shift points toward step))
        let behind = value (previous (shift points toward -step))
        let difference = (ahead - behind) / (2.0 * step)

        if not (close tolerance exact difference) then
            failwith $"{what}: derivative of order {order} is {exact:R}, by central differences {difference:R}"

        below <- along toward previous
