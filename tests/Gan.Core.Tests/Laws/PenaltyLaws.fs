module Gan.Core.Tests.PenaltyLaws

open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private key = RandomKey.FromSeed 13L

let private draw name (shape: int list) =
    key.Derive(name: string).Normal(torch.ScalarType.Float64, Array.ofList shape)

let private points name =
    Sample(NamedTensor("vector", draw name [ 5; 3 ]))

let private real, fake = points "real", points "fake"

/// The discriminator w2 . tanh(W1 x + b1) on its three tensors.
let private tanhDiscriminator (weights: Tensor list) =
    { new IDiscriminatorFunction with
        member _.Discriminate sample =
            let hidden =
                (torch.nn.functional.linear (sample.ToMatrix(), weights[0], weights[1])).tanh()

            DiscriminatorOutput(hidden.matmul (weights[2]))
    }

let private weights =
    [ draw "hidden" [ 4; 3 ]; draw "bias" [ 4 ]; draw "output" [ 4 ] ]

/// Every penalty, and its reference on a discriminator and two sets of points.
type private Row =
    {
        Name: string
        Penalty: IPenalty
        Reference: Reference.Discriminator -> float list list -> float list list -> Dual
    }

let private share =
    key.Derive("between").Uniform(torch.ScalarType.Float64, 5) |> elements

/// A reference at the points between real and generated ones.
let private between reference (discriminator: Reference.Discriminator) real fake : Dual =
    List.map3 (fun e -> List.map2 (fun r f -> e * r + (1.0 - e) * f)) (List.ofArray share) real fake
    |> reference discriminator

/// The noise that DRAGAN draws for the one component.
let private noise =
    key.Derive("between").Derive("vector").Uniform(torch.ScalarType.Float64, 5, 3)
    |> elements
    |> List.ofArray
    |> List.chunkBySize 3

/// The rows of these laws: a new penalty adds one.
let private penalties =
    [
        {
            Name = "R1"
            Penalty = R1(Gamma = 3.0)
            Reference = fun discriminator real _ -> Reference.zeroCentered 3.0 discriminator real
        }
        {
            Name = "R2"
            Penalty = R2(Gamma = 3.0)
            Reference = fun discriminator _ fake -> Reference.zeroCentered 3.0 discriminator fake
        }
        {
            Name = "WGAN-GP"
            Penalty = WassersteinGradientPenalty(Coefficient = 10.0, Target = 0.8)
            Reference = between (Reference.gradientPenalty 10.0 0.8)
        }
        {
            Name = "WGAN-LP"
            Penalty = WassersteinGradientPenalty(Coefficient = 10.0, Target = 0.8, OneSided = true)
            Reference = between (Reference.oneSidedPenalty 10.0 0.8)
        }
        {
            Name = "zero-centered interpolates"
            Penalty = ZeroCenteredInterpolates(Coefficient = 4.0)
            Reference = between (Reference.zeroCentered 8.0)
        }
        {
            Name = "WGAN-div"
            Penalty = WassersteinDivergencePenalty(Coefficient = 2.0)
            Reference = between (Reference.power 2.0 3)
        }
        {
            Name = "MaxGP"
            Penalty = MaxGradientPenalty(Coefficient = 3.0)
            Reference = between (Reference.largest 3.0)
        }
        {
            Name = "DRAGAN"
            Penalty = Dragan(Coefficient = 10.0, Spread = 0.3)
            Reference =
                fun discriminator real _ ->
                    let all = List.concat real
                    let mean = List.average all
                    let deviation = sqrt (all |> List.averageBy (fun x -> (x - mean) ** 2.0))

                    List.map3
                        (fun a -> List.map2 (fun x e -> x + a * 0.3 * deviation * e))
                        (List.ofArray share)
                        real
                        noise
                    |> Reference.gradientPenalty 10.0 1.0 discriminator
        }
    ]

let private evaluate (row: Row) discriminator =
    row.Penalty.Evaluate(PenaltyInput(discriminator, real, fake, key.Derive "between")).Value

let private rows (tensor: Tensor) =
    List.ofArray (elements tensor) |> List.chunkBySize (int (tensor.size -1))

/// The discriminator a . x.
let private linear (slope: float list) =
    { new IDiscriminatorFunction with
        member _.Discriminate sample =
            DiscriminatorOutput(sample.ToMatrix().matmul(float64 [ slope.Length ] slope))
    }

let tests =
    testList
        "Gradient penalties"
        [
            testList
                "values and slopes in the weights are those of the reference"
                [
                    for row in penalties ->
                        testCase row.Name
                        <| fun () ->
                            let directions = [ draw "d0" [ 4; 3 ]; draw "d1" [ 4 ]; draw "d2" [ 4 ] ]
                            let dual (v: float) d = { Value = v; Slope = d }

                            let discriminator: Reference.Discriminator =
                                {
                                    Hidden = List.map2 (List.map2 dual) (rows weights[0]) (rows directions[0])
                                    Bias =
                                        List.map2
                                            dual
                                            (List.ofArray (elements weights[1]))
                                            (List.ofArray (elements directions[1]))
                                    Output =
                                        List.map2
                                            dual
                                            (List.ofArray (elements weights[2]))
                                            (List.ofArray (elements directions[2]))
                                }

                            let expected = row.Reference discriminator (rows real.Single) (rows fake.Single)
                            let leaves = weights |> List.map (fun w -> w.detach().requires_grad_())
                            let penalty = evaluate row (tanhDiscriminator leaves)

                            let gradients = Gradient.Of(penalty, Array.ofList leaves, createGraph = false)

                            let slope =
                                List.map2
                                    (fun (g: Tensor) (d: Tensor) -> value ((g * d).sum()))
                                    (List.ofArray gradients)
                                    directions
                                |> List.sum

                            Expect.within 1e-9 expected.Value (value penalty)
                            Expect.within 1e-8 expected.Slope slope
                ]

            testList
                "derivatives of orders 1, 2 and 3 in the weights agree with central differences"
                [
                    for row in penalties ->
                        testCase row.Name
                        <| fun () ->
                            Derivatives.requireDerivatives 3 2e-6 (tanhDiscriminator >> evaluate row) weights row.Name
                ]

            testList
                "a penalty is never negative"
                [
                    for row in penalties ->
                        testCase row.Name
                        <| fun () ->
                            for scale in [ 0.0; 0.01; 1.0; 100.0 ] do
                                let scaled = weights |> List.map (fun w -> w.Times(scale))

                                Expect.holds
                                    (value (evaluate row (tanhDiscriminator scaled)) >= 0.0)
                                    $"negative at scale {scale}"
                ]

            testList
                "where the discriminator is flat, the penalty's own gradient is finite"
                [
                    for row in penalties ->
                        testCase row.Name
                        <| fun () ->
                            let leaves = weights |> List.map (fun w -> (w.Times(0.0)).detach().requires_grad_())

                            let penalty = evaluate row (tanhDiscriminator leaves)

                            for gradient in Gradient.Of(penalty, Array.ofList leaves, createGraph = false) do
                                Expect.holds (elements gradient |> Array.forall System.Double.IsFinite) "not finite"
                ]

            testCase "on a linear discriminator each is its formula"
            <| fun () ->
                let discriminator = linear [ 3.0; 4.0; 0.0 ]

                Expect.within
                    1e-9
                    (1.5 * 25.0)
                    (value (R1(Gamma = 3.0).Evaluate(PenaltyInput(discriminator, real, fake, key)).Value))

                Expect.within
                    1e-9
                    (1.5 * 25.0)
                    (value (R2(Gamma = 3.0).Evaluate(PenaltyInput(discriminator, real, fake, key)).Value))

                Expect.within
                    1e-9
                    (10.0 * 16.0)
                    (value (
                        WassersteinGradientPenalty(Coefficient = 10.0)
                            .Evaluate(PenaltyInput(discriminator, real, fake, key))
                            .Value
                    ))

            testCase "squares are summed over all components of a sample"
            <| fun () ->
                let product =
                    Sample(NamedTensor("a", draw "a" [ 5; 2 ]), NamedTensor("b", draw "b" [ 5; 1; 1 ]))

                Expect.within
                    1e-9
                    25.0
                    (value (
                        R1(Gamma = 2.0).Evaluate(PenaltyInput(linear [ 3.0; 0.0; 4.0 ], product, product, key)).Value
                    ))

            testCase "weight clipping brings weights in and leaves the rest"
            <| fun () ->
                let tree =
                    ParameterTree.FromTensors [ NamedTensor("w", torch.tensor [| -2.0; -0.05; 0.0; 0.3 |]) ]

                let clipped = (WeightClipping(Bound = 0.1)).Project tree
                Expect.equal [| -0.1; -0.05; 0.0; 0.1 |] (elements clipped["w"])
                Expect.equal (clipped.Hash()) (((WeightClipping(Bound = 0.1)).Project clipped).Hash())

            testCase "weights of penalties are checked however they are given"
            <| fun () ->
                for make in
                    [
                        (fun () -> R1(Gamma = -1.0) |> ignore)
                        (fun () -> R2(Gamma = nan) |> ignore)
                        (fun () -> WassersteinGradientPenalty(Coefficient = -1.0) |> ignore)
                        (fun () -> WeightClipping(Bound = 0.0) |> ignore)
                        (fun () -> WassersteinDivergencePenalty(Coefficient = 1.0, Power = 3) |> ignore)
                        (fun () -> Dragan(Coefficient = 1.0, Spread = -1.0) |> ignore)
                    ] do
                    Expect.contains "must be" (Expect.failure<System.ArgumentOutOfRangeException> make).Message
        ]
