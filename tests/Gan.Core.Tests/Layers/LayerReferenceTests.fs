/// Layers against their formulas in plain F#.
module Gan.Core.Tests.LayerReferenceTests

open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors
open Gan.Core.Tests.LayerCases

/// An array with a shape, read by indices.
type private Grid(tensor: Tensor) =
    let shape = [ for s in tensor.shape -> int s ]
    let data = elements tensor
    member _.Shape = shape

    member _.Item
        with get (indices: int list) =
            // Outside is zero, which is what padding reads.
            if List.forall2 (fun i n -> i >= 0 && i < n) indices shape then
                data[List.fold2 (fun at i n -> at * n + i) 0 indices shape]
            else
                0.0

let private output (case: Case) mode =
    let state = state case
    case.Layer.Apply(state.Weights, state.Buffers, input case, mode, key)

let private grids (case: Case) =
    let state = state case
    Grid(input case), Grid state.Weights["weight"], Grid state.Weights["bias"]

let private find name =
    cases |> List.find (fun case -> case.Name = name)

let private moments (values: float list) =
    let mean = List.average values
    mean, values |> List.averageBy (fun v -> (v - mean) ** 2.0)

let private formulas =
    testList
        "formulas"
        [
            testCase "Linear is x W^T + b"
            <| fun () ->
                let case = find "Linear"
                let x, w, b = grids case

                let expected =
                    [
                        for n in 0..3 do
                            for o in 0..1 do
                                b[[ o ]] + List.sum [ for i in 0..2 -> x[[ n; i ]] * w[[ o; i ]] ]
                    ]

                requireClose 1e-12 (elements (output case Mode.Train).Output) expected "Linear"

            testCase "Maxout is the largest of its pieces"
            <| fun () ->
                let case = find "Maxout"
                let x, w, b = grids case

                let piece n row =
                    b[[ row ]] + List.sum [ for i in 0..2 -> x[[ n; i ]] * w[[ row; i ]] ]

                let expected =
                    [
                        for n in 0..3 do
                            for o in 0..1 do
                                List.max [ for p in 0..3 -> piece n (4 * o + p) ]
                    ]

                requireClose 1e-12 (elements (output case Mode.Train).Output) expected "Maxout"

            testCase "Conv2d is the sum over its window"
            <| fun () ->
                let case = find "Conv2d"
                let x, w, b = grids case

                let at n o i j =
                    b[[ o ]]
                    + List.sum
                        [
                            for c in 0..1 do
                                for di in 0..2 do
                                    for dj in 0..2 do
                                        x[[ n; c; 2 * i - 1 + di; 2 * j - 1 + dj ]] * w[[ o; c; di; dj ]]
                        ]

                let expected =
                    [
                        for n in 0..1 do
                            for o in 0..2 do
                                for i in 0..2 do
                                    for j in 0..1 do
                                        at n o i j
                    ]

                requireClose 1e-12 (elements (output case Mode.Train).Output) expected "Conv2d"

            testCase "Conv1d is the sum over its window"
            <| fun () ->
                let case = find "Conv1d"
                let x, w, b = grids case

                let at n o i =
                    b[[ o ]]
                    + List.sum
                        [
                            for c in 0..1 do
                                for d in 0..2 do
                                    x[[ n; c; 2 * i - 1 + d ]] * w[[ o; c; d ]]
                        ]

                let expected =
                    [
                        for n in 0..2 do
                            for o in 0..2 do
                                for i in 0..3 do
                                    at n o i
                    ]

                requireClose 1e-12 (elements (output case Mode.Train).Output) expected "Conv1d"

            testCase "ConvTranspose2d writes each input through its window"
            <| fun () ->
                let case = find "ConvTranspose2d"
                let x, w, b = grids case

                // Output (i, j) gets input (s, t) where i = 2 s - 1 + d, d in the kernel.
                let at n o i j =
                    b[[ o ]]
                    + List.sum
                        [
                            for c in 0..1 do
                                for s in 0..2 do
                                    for t in 0..3 do
                                        let d, e = i - 2 * s + 1, j - 2 * t + 1
                                        x[[ n; c; s; t ]] * w[[ c; o; d; e ]]
                        ]

                let expected =
                    [
                        for n in 0..1 do
                            for o in 0..2 do
                                for i in 0..5 do
                                    for j in 0..7 do
                                        at n o i j
                    ]

                requireClose 1e-12 (elements (output case Mode.Train).Output) expected "ConvTranspose2d"

            testCase "ConvTranspose1d writes each input through its window"
            <| fun () ->
                let case = find "ConvTranspose1d"
                let x, w, b = grids case

                let at n o i =
                    b[[ o ]]
                    + List.sum
                        [
                            for c in 0..1 do
                                for s in 0..3 do
                                    x[[ n; c; s ]] * w[[ c; o; i - 2 * s + 1 ]]
                        ]

                let expected =
                    [
                        for n in 0..2 do
                            for o in 0..2 do
                                for i in 0..7 do
                                    at n o i
                    ]

                requireClose 1e-12 (elements (output case Mode.Train).Output) expected "ConvTranspose1d"

            testCase "BatchNorm normalizes by the batch, and keeps running statistics as PyTorch does"
            <| fun () ->
                let case = find "BatchNorm"
                let x, w, b = grids case
                let statistics = [ for f in 0..2 -> moments [ for n in 0..4 -> x[[ n; f ]] ] ]

                let expected =
                    [
                        for n in 0..4 do
                            for f in 0..2 do
                                let mean, variance = statistics[f]
                                (x[[ n; f ]] - mean) / sqrt (variance + 1e-5) * w[[ f ]] + b[[ f ]]
                    ]

                let trained = output case Mode.Train
                requireClose 1e-12 (elements trained.Output) expected "BatchNorm"
                let before = (state case).Buffers

                let running =
                    [
                        for f in 0..2 -> 0.9 * (elements before["running_mean"])[f] + 0.1 * fst statistics[f]
                    ]

                let unbiased =
                    [
                        for f in 0..2 -> 0.9 * (elements before["running_var"])[f] + 0.1 * snd statistics[f] * 5.0 / 4.0
                    ]

                requireClose 1e-12 (elements trained.Buffers["running_mean"]) running "running mean"
                requireClose 1e-12 (elements trained.Buffers["running_var"]) unbiased "running variance"

            testCase "BatchNorm in use normalizes by the running statistics"
            <| fun () ->
                let case = find "BatchNorm"
                let x, w, b = grids case
                let buffers = (state case).Buffers

                let mean, variance =
                    elements buffers["running_mean"], elements buffers["running_var"]

                let expected =
                    [
                        for n in 0..4 do
                            for f in 0..2 do
                                (x[[ n; f ]] - mean[f]) / sqrt (variance[f] + 1e-5) * w[[ f ]] + b[[ f ]]
                    ]

                requireClose 1e-12 (elements (output case Mode.Evaluate).Output) expected "BatchNorm in use"

            testCase "LayerNorm normalizes each sample"
            <| fun () ->
                let case = find "LayerNorm"
                let x, w, b = grids case

                let expected =
                    [
                        for n in 0..3 do
                            let mean, variance = moments [ for f in 0..2 -> x[[ n; f ]] ]

                            for f in 0..2 do
                                (x[[ n; f ]] - mean) / sqrt (variance + 1e-5) * w[[ f ]] + b[[ f ]]
                    ]

                requireClose 1e-12 (elements (output case Mode.Train).Output) expected "LayerNorm"

            testCase "activations are their functions"
            <| fun () ->
                let erf x =
                    // Abramowitz and Stegun would be too coarse: the integral by Simpson's rule.
                    let n = 2000
                    let h = x / float n
                    let f t = exp (-t * t)

                    let inner =
                        List.sum [ for i in 1 .. n - 1 -> (if i % 2 = 1 then 4.0 else 2.0) * f (h * float i) ]

                    2.0 / sqrt System.Math.PI * h / 3.0 * (f 0.0 + inner + f x)

                let sigmoid x = 1.0 / (1.0 + exp -x)

                let formulas: (Activation * (float -> float)) list =
                    [
                        Identity(), id
                        Relu(), max 0.0
                        LeakyRelu(Slope = 0.2), (fun x -> if x > 0.0 then x else 0.2 * x)
                        Elu(), (fun x -> if x > 0.0 then x else exp x - 1.0)
                        Silu(), (fun x -> x * sigmoid x)
                        Gelu(), (fun x -> x * 0.5 * (1.0 + erf (x / sqrt 2.0)))
                        Softplus(), (fun x -> log (1.0 + exp x))
                        Tanh(), tanh
                        Sigmoid(), sigmoid
                    ]

                Expect.equal activations.Length formulas.Length
                let points = [ -3.0; -0.5; 0.25; 1.0; 2.5 ]

                for activation, formula in formulas do
                    requireClose
                        1e-9
                        (elements (activation.Function(float64 [ 5 ] points)))
                        (List.map formula points)
                        (string activation)
        ]

let private mixing =
    testList
        "layers that mix samples"
        [
            testCase "minibatch deviation is the mean deviation of each group, beside its points"
            <| fun () ->
                let case = find "MinibatchStandardDeviation of images"
                let x = Grid(input case)
                let y = Grid((output case Mode.Train).Output)

                // Groups of 2 in a batch of 4: points 0 and 2, points 1 and 3.
                for group in 0..1 do
                    let deviations =
                        [
                            for c in 0..1 do
                                for h in 0..1 do
                                    for w in 0..2 ->
                                        let a, b = x[[ group; c; h; w ]], x[[ group + 2; c; h; w ]]
                                        sqrt (((a - b) / 2.0) ** 2.0 + 1e-8)
                        ]

                    for point in [ group; group + 2 ] do
                        Expect.within 1e-12 (List.average deviations) y[[ point; 2; 1; 1 ]]
                        Expect.within 1e-12 x[[ point; 1; 1; 2 ]] y[[ point; 1; 1; 2 ]]

            testCase "minibatch discrimination is how near the others are in the mean, kernel by kernel"
            <| fun () ->
                let case = find "MinibatchDiscrimination"
                let x, t = Grid(input case), Grid((state case).Weights["weight"])
                let y = Grid((output case Mode.Train).Output)

                let row n k d =
                    List.sum [ for i in 0..2 -> x[[ n; i ]] * t[[ i; k * 4 + d ]] ]

                for n in 0..3 do
                    for k in 0..1 do
                        let expected =
                            (1.0 / 3.0)
                            * List.sum
                                [
                                    for m in 0..3 do
                                        if m <> n then
                                            exp -(List.sum [ for d in 0..3 -> abs (row n k d - row m k d) ])
                                ]

                        Expect.within 1e-12 expected y[[ n; 3 + k ]]
        ]

/// The largest singular value of a matrix, by its eigenvalues.
let private largestSingular (matrix: Tensor) =
    sqrt (Spectrum.Of(matrix.matmul (matrix.t ()))[0]).Real

let private spectralNorm =
    testList
        "spectral normalization"
        [
            testCase
                "a spectrally normalized layer has norm 1, and keeps it by one iteration a call while its weight moves"
            <| fun () ->
                let layer = SpectralNorm(Linear(12, 9, Bias = false))
                let first = layer.Init(key, torch.ScalarType.Float64)

                let eye =
                    (torch.arange(12L).unsqueeze(0).eq(torch.arange(12L).unsqueeze 1)).to_type torch.ScalarType.Float64

                let mutable weights, buffers = first.Weights, first.Buffers

                for step in 0L .. 20L do
                    let output = layer.Apply(weights, buffers, eye, Mode.Train, key)
                    // The output of the unit vectors is the weight's transpose over its norm.
                    Expect.within 0.02 1.0 (largestSingular (output.Output.t ()))
                    buffers <- output.Buffers
                    let noise = key.Derive(step).Normal(torch.ScalarType.Float64, 9, 12)
                    weights <- weights.Map(fun w -> w + noise.Times(0.003))

                for _ in 1..200 do
                    buffers <- layer.Apply(weights, buffers, eye, Mode.Train, key).Buffers

                for mode in [ Mode.Train; Mode.Evaluate ] do
                    Expect.within 1e-9 1.0 (largestSingular (layer.Apply(weights, buffers, eye, mode, key).Output.t()))

            testCase "at its singular vectors the slope of a spectrally normalized layer is that of W over its norm"
            <| fun () ->
                let layer = SpectralNorm(Linear(4, 3, Bias = false))
                let first = layer.Init(key, torch.ScalarType.Float64)
                let x = key.Derive("x").Normal(torch.ScalarType.Float64, 5, 4)
                let mutable buffers = first.Buffers

                for _ in 1..500 do
                    buffers <- layer.Apply(first.Weights, buffers, x, Mode.Train, key).Buffers

                let toward = key.Derive("toward").Normal(torch.ScalarType.Float64, 3, 4)
                let probe = key.Derive("probe").Normal(torch.ScalarType.Float64, 5, 3)
                let weight = first.Weights["weight"].detach().requires_grad_()

                let output =
                    (layer.Apply(first.Weights.Map(fun _ -> weight), buffers, x, Mode.Train, key).Output
                     * probe)
                        .sum()

                let slope =
                    value ((Gradient.Of(output, [| weight |], createGraph = false)[0] * toward).sum())

                let at amount =
                    let moved = weight.detach () + toward.Times(amount: float)
                    value ((x.matmul ((moved.Over(largestSingular moved)).t()) * probe).sum())

                Expect.within 1e-6 ((at 1e-5 - at -1e-5) / 2e-5) slope

            testCase "in use, the length of a spectral norm's vector does not matter: an average of it is shorter"
            <| fun () ->
                let layer = SpectralNorm(Linear(4, 3))
                let first = layer.Init(key, torch.ScalarType.Float64)
                let x = key.Derive("x").Normal(torch.ScalarType.Float64, 5, 4)

                let used (buffers: ParameterTree) =
                    elements (layer.Apply(first.Weights, buffers, x, Mode.Evaluate, key)).Output

                requireClose 1e-9 (used (first.Buffers.Map(fun u -> u.Times(0.3)))) (used first.Buffers) "the output"
        ]

let tests = testList "Layers and their formulas" [ formulas; mixing; spectralNorm ]
