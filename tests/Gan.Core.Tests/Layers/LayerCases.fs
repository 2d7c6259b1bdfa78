/// Every layer, with inputs that it takes: the rows of the layers' laws. A new layer adds a row.
module Gan.Core.Tests.LayerCases

open Gan.Core
open TorchSharp
open Gan.Testing.Tensors

/// A layer and the shape of a batch that it takes.
type Case =
    {
        Name: string
        Layer: ILayer
        Input: int list
    }

let private row name layer input =
    {
        Name = name
        Layer = layer
        Input = input
    }

/// Every activation.
let activations: Activation list =
    [
        Identity()
        Relu()
        LeakyRelu(Slope = 0.2)
        Elu()
        Silu()
        Gelu()
        Softplus()
        Tanh()
        Sigmoid()
    ]

/// Every layer.
let cases =
    [
        row "Linear" (Linear(3, 2)) [ 4; 3 ]
        row "Linear without bias" (Linear(3, 2, Bias = false)) [ 4; 3 ]
        row "Conv1d" (Conv1d(2, 3, 3, Stride = 2, Padding = 1)) [ 3; 2; 7 ]
        row "Conv2d" (Conv2d(2, 3, 3, Stride = 2, Padding = 1)) [ 2; 2; 5; 4 ]
        row "ConvTranspose1d" (ConvTranspose1d(2, 3, 4, Stride = 2, Padding = 1)) [ 3; 2; 4 ]
        row "ConvTranspose2d" (ConvTranspose2d(2, 3, 4, Stride = 2, Padding = 1)) [ 2; 2; 3; 4 ]
        row "BatchNorm" (BatchNorm 3) [ 5; 3 ]
        row "BatchNorm of images" (BatchNorm 2) [ 3; 2; 2; 3 ]
        row "LayerNorm" (LayerNorm 3) [ 4; 3 ]
        row "LayerNorm of images" (LayerNorm(2, 2, 3)) [ 3; 2; 2; 3 ]
        row "Dropout" (Dropout(Probability = 0.4)) [ 4; 5 ]
        row "Reshape" (Reshape(2, 3)) [ 4; 6 ]
        row "Flatten" (Flatten()) [ 4; 2; 3 ]
        row "Maxout" (Maxout(3, 2, 4)) [ 4; 3 ]
        row "ConvTranspose1d of many outputs" (ConvTranspose1d(2, 9, 4, Stride = 2, Padding = 1)) [ 3; 2; 4 ]
        row "ConvTranspose2d of many outputs" (ConvTranspose2d(2, 8, 3, Stride = 2, Padding = 0)) [ 2; 2; 3; 2 ]
        row "Linear of a middling size" (Linear(7, 6)) [ 5; 7 ]
        row "Linear with many outputs" (Linear(2, 37)) [ 5; 2 ]
        row "Linear with many inputs" (Linear(37, 2)) [ 5; 37 ]
        row "Linear and Relu as one" (Sequential(Linear(3, 70), Relu(), Linear(70, 2))) [ 4; 3 ]
        row "Linear and LeakyRelu as one" (Sequential(Linear(3, 5), LeakyRelu(Slope = 0.3))) [ 4; 3 ]
        row "Residual" (Residual(Sequential(Linear(3, 3), Tanh()))) [ 4; 3 ]
        row "Sequential" (Sequential(Linear(3, 5), BatchNorm 5, Tanh(), Linear(5, 2))) [ 6; 3 ]
        row "SpectralNorm of Linear" (SpectralNorm(Linear(3, 2))) [ 4; 3 ]
        row "SpectralNorm of Conv2d" (SpectralNorm(Conv2d(2, 3, 3))) [ 2; 2; 4; 4 ]
        row "SpectralNorm of ConvTranspose2d" (SpectralNorm(ConvTranspose2d(2, 3, 3))) [ 2; 2; 3; 3 ]
        row "MinibatchStandardDeviation" (MinibatchStandardDeviation(GroupSize = 0)) [ 4; 3 ]
        row "MinibatchStandardDeviation of images" (MinibatchStandardDeviation(GroupSize = 2)) [ 4; 2; 2; 3 ]
        row "MinibatchDiscrimination" (MinibatchDiscrimination(3, 2, 4)) [ 4; 3 ]
        for activation in activations do
            row (activation.GetType().Name) activation [ 4; 3 ]
    ]

let key = RandomKey.FromSeed 7L

/// Weights and buffers moved off their first values, so that no term of a formula hides behind a zero or a one.
let state (case: Case) =
    let state = case.Layer.Init(key, torch.ScalarType.Float64)

    let shifted name (tree: ParameterTree) =
        let mutable i = 0L

        tree.Map(fun t ->
            i <- i + 1L

            let noise =
                key.Derive(name: string).Derive(i).Uniform(torch.ScalarType.Float64, [| for s in t.shape -> int s |])

            t + noise.Times(0.5))

    LayerState(shifted "weights" state.Weights, shifted "buffers" state.Buffers)

/// A float64 input of the case's shape.
let input (case: Case) =
    key.Derive("input").Normal(torch.ScalarType.Float64, Array.ofList case.Input)
