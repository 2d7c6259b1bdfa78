/// Dense layers as one function against the same layers of libtorch's operators.
module Gan.Core.Tests.ChainTests

open Microsoft.FSharp.NativeInterop
open Expecto
open TorchSharp
open Gan.Core
open Gan.Testing
open Gan.Testing.Tensors

#nowarn "9"

let private key = RandomKey.FromSeed 23L

let private draw (name: string) (rows: int) (columns: int) =
    key.Derive(name).Normal(torch.ScalarType.Float64, rows, columns)

/// a b by the kernel, of which each is given as it is or transposed.
let private product transposeA transposeB (a: Tensor) (b: Tensor) =
    let laid transposed (matrix: Tensor) =
        if transposed then
            matrix.t().contiguous()
        else
            matrix.contiguous ()

    let left, right = laid transposeA a, laid transposeB b
    let n, k, m = int (a.size 0), int (a.size 1), int (b.size 1)
    let result = torch.empty ([| int64 n; int64 m |], dtype = a.dtype)

    let address (tensor: Tensor) =
        NativePtr.toNativeInt (TensorData.Pointer<float> tensor)

    let strided transposed (tensor: Tensor) rows columns =
        let start: nativeptr<float> = NativePtr.ofNativeInt (address tensor)

        if transposed then
            Strided<float>(start, 1, rows)
        else
            Strided<float>(start, columns, 1)

    Gemm.Multiply<float>(
        strided transposeA left n k,
        strided transposeB right k m,
        strided false result n m,
        n,
        k,
        m,
        null
    )

    result

/// Layers of some widths, with rectifiers of some slope between them.
let private layers slope (widths: int list) =
    let rectifier: ILayer = if slope = 0.0 then Relu() else LeakyRelu(Slope = slope)

    Sequential
        [|
            for i, (inputs, outputs) in List.indexed (List.pairwise widths) do
                if i > 0 then
                    rectifier

                Linear(inputs, outputs) :> ILayer
        |]

let private leavesOf (state: LayerState) =
    [| for entry in state.Weights -> entry.Tensor.detach().requires_grad_() |]

/// All that can be asked of a chain at some points: y, features, slopes, and gradients of sums of these by weight and point.
let private asked (body: Sequential) (state: LayerState) (points: Tensor) =
    let leaves = leavesOf state
    let x = points.detach().requires_grad_()
    let weights = state.Weights.With leaves
    let own = LayerState(weights, state.Buffers)
    let found = body.Apply(weights, state.Buffers, x, Mode.Train, key)
    let features = nonNull found.Features
    let loss = (found.Output * found.Output).sum() + found.Output.sum ()
    let gradients = Gradient.Of(loss, Array.append leaves [| x |], createGraph = false)

    let slopes =
        if int (found.Output.size 1) = 1 && body.HasGradientNorms x then
            let judged = body.ApplyWithGradientNorms(own, x)
            let slopes = nonNull judged.Slopes
            let both = slopes.square().sum() + (judged.Output * judged.Output).sum()
            slopes :: List.ofArray (Gradient.Of(both, leaves, createGraph = false))
        else
            []

    let ofFeatures =
        let again = body.Apply(weights, state.Buffers, x, Mode.Train, key)
        let features = nonNull again.Features
        Gradient.Of((features * features).sum() + again.Output.sum (), [| x |], createGraph = false)

    found.Output :: features :: List.ofArray gradients, slopes, List.ofArray ofFeatures

/// The same slopes by libtorch's operators.
let private slopesOfOperators (body: Sequential) (state: LayerState) (points: Tensor) =
    use _ = Gradient.Ask DerivativeOrder.Higher

    let leaves = leavesOf state
    let x = points.detach().requires_grad_()
    let found = body.Apply(state.Weights.With leaves, state.Buffers, x, Mode.Train, key)
    let gradient = Gradient.Of(found.Output.sum (), [| x |], createGraph = true)[0]
    let slopes = gradient.square().sum [| 1L |]
    let both = slopes.square().sum() + (found.Output * found.Output).sum()
    slopes :: List.ofArray (Gradient.Of(both, leaves, createGraph = false))

let private agree tolerance (expected: Tensor list) (actual: Tensor list) what =
    Expect.equal expected.Length actual.Length

    for expected, actual in List.zip expected actual do
        requireClose tolerance (elements actual) (elements expected) what

let private shapes =
    [
        [ 2; 3; 1 ], 1
        [ 2; 64; 64; 1 ], 33
        [ 5; 130; 7; 1 ], 257
        [ 3; 8; 2 ], 16
        [ 1; 1; 1; 1 ], 4
        [ 70; 65; 66; 9 ], 129
    ]

let private threads count f =
    let before = Engine.Threads

    try
        Engine.SetThreads count
        f ()
    finally
        Engine.SetThreads before

let tests =
    testList
        "Dense layers as one function"
        [
            testList
                "a product is libtorch's, whichever side is transposed, also of thin and odd matrices"
                [
                    for n, k, m in
                        [
                            1, 1, 1
                            2, 5, 3
                            37, 1, 41
                            4, 300, 4
                            129, 2, 65
                            3, 65, 129
                            65, 129, 3
                            70, 66, 67
                            700, 130, 90
                        ] do
                        testCase $"{n} x {k} x {m}"
                        <| fun () ->
                            let a, b = draw "a" n k, draw "b" k m
                            let expected = elements (a.mm b)

                            for transposeA, transposeB in List.allPairs [ false; true ] [ false; true ] do
                                requireClose
                                    1e-12
                                    (elements (product transposeA transposeB a b))
                                    expected
                                    $"{transposeA}, {transposeB}"
                ]

            testList
                "outputs, features, slopes and all gradients are those of the operators"
                [
                    for (widths, batch), slope in List.allPairs shapes [ 0.0; 0.2 ] do
                        testCase (sprintf "%A, %d points, slope %g" widths batch slope)
                        <| fun () ->
                            let body = layers slope widths
                            let state = body.Init(key, torch.ScalarType.Float64)
                            let points = draw "points" batch widths.Head
                            let outputs, slopes, ofFeatures = asked body state points

                            let expected, _, expectedOfFeatures =
                                use _ = Gradient.Ask DerivativeOrder.Higher
                                asked body state points

                            agree 1e-11 expected outputs "outputs and gradients"
                            agree 1e-11 expectedOfFeatures ofFeatures "gradients of features"

                            if List.last widths = 1 then
                                agree 1e-11 (slopesOfOperators body state points) slopes "slopes"
                ]

            testCase "gradients that are to be differentiated again have gradients"
            <| fun () ->
                let body = layers 0.2 [ 3; 9; 8; 1 ]
                let state = body.Init(key, torch.ScalarType.Float64)
                let weights = [ for entry in state.Weights -> entry.Tensor ]

                let points = draw "points" 5 3

                let penalty (weights: Tensor list) =
                    let leaf = points.detach().requires_grad_()
                    let own = state.Weights.With(Array.ofList weights)
                    let found = body.Apply(own, state.Buffers, leaf, Mode.Train, key)

                    let gradient =
                        Gradient.Of(found.Output.square().sum(), [| leaf |], createGraph = true)[0]

                    gradient.square().sum()

                Derivatives.requireDerivatives 2 1e-6 penalty weights "a gradient penalty"

            testCase "one thread and two give the same bits"
            <| fun () ->
                let body = layers 0.2 [ 300; 512; 400; 1 ]
                let state = body.Init(key, torch.ScalarType.Float64)
                let points = draw "points" 700 300

                let bits count =
                    threads count (fun () ->
                        let outputs, slopes, _ = asked body state points
                        [ for tensor in outputs @ slopes -> List.ofArray (elements tensor) ])

                Expect.holds (bits 1 = bits 2) "other bits"
        ]
