/// Terms that are no gradient penalties, discriminators around discriminators, and augmentations.
module Gan.Core.Tests.StabiliserLaws

open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private key = RandomKey.FromSeed 17L

let private draw name (shape: int list) =
    key.Derive(name: string).Normal(torch.ScalarType.Float64, Array.ofList shape)

let private points name =
    Sample(NamedTensor("vector", draw name [ 6; 3 ]))

let private real, fake, latents =
    points "real", points "fake", draw "latents" [ 6; 2 ]

let private weights = [ draw "hidden" [ 4; 3 ]; draw "output" [ 4 ] ]

/// The discriminator w . tanh(W x), its hidden layer as features.
let private discriminator (weights: Tensor list) =
    { new IDiscriminatorFunction with
        member _.Discriminate sample =
            let hidden = (sample.ToMatrix().matmul(weights[0].t())).tanh()
            DiscriminatorOutput(hidden.matmul (weights[1]), Features = hidden)
    }

/// The generator tanh(V z), V of the discriminator's first weight.
let private generator (weights: Tensor list) =
    { new IGeneratorFunction with
        member _.Generate latents =
            Sample(NamedTensor("vector", latents.matmul(weights[0].narrow(0, 0, 2)).Times(0.7).tanh()))
    }

let private tree (weights: Tensor list) =
    ParameterTree.FromTensors(weights |> List.mapi (fun i w -> NamedTensor($"{i}/weight", w)))

/// A player of some weights, each of two dimensions a matrix.
let private player (weights: ParameterTree) =
    let network =
        { new INetwork with
            member _.Space = Space.Vector(3, ValueRange.Unbounded)
            member _.MixesSamples = false
            member _.Init(_, _) = LayerState.Empty

            member _.Matrices weights =
                [|
                    for entry in weights do
                        if entry.Tensor.ndim = 2L then
                            entry
                |]
        }

    BoundNetwork(network, LayerState(weights, ParameterTree.Empty))

/// Every term, and whether it rewards instead.
let private terms: (string * IPenalty * bool) list =
    [
        "consistency", Consistency(Augmentation = InstanceNoise(Deviation = Constant 0.3)), false
        "balanced consistency",
        Consistency(Augmentation = InstanceNoise(Deviation = Constant 0.3), FakeCoefficient = 5.0),
        false
        "latent consistency", LatentConsistency(Coefficient = 5.0, Deviation = 0.3), false
        "latent diversity", LatentDiversity(Coefficient = 5.0, Deviation = 0.3), true
        // Its averages are held fixed too.
        "LeCam", LeCam(Coefficient = 2.0, Decay = 1.0 - 1e-12), false
        "orthogonality", Orthogonality(Coefficient = 0.5), false
        "orthogonality with the diagonal", Orthogonality(Coefficient = 0.5, Diagonal = true), false
        "historical averaging", HistoricalAveraging(Coefficient = 0.5), false
        "feature matching", FeatureMatching(Coefficient = 2.0), false
        // Its average is held fixed in the gradient; here it hardly moves.
        "path length", PathLength(Coefficient = 2.0, Decay = 1.0 - 1e-12), false
        "lazy path length", Lazy(Inner = PathLength(Coefficient = 2.0, Decay = 1.0 - 1e-12), Every = 3), false
    ]

let private input (term: IPenalty) (weights: Tensor list) =
    // An average of many turns already, where there is one.
    let settled (state: ParameterTree) =
        ParameterTree.FromTensors
            [
                for entry in state ->
                    if entry.Path = "turns" then
                        NamedTensor("turns", float64 [] [ 1e12 ])
                    else
                        entry
            ]

    let first = tree [ draw "first hidden" [ 4; 3 ]; draw "first output" [ 4 ] ]

    PenaltyInput(
        discriminator weights,
        real,
        (generator weights).Generate latents,
        key.Derive "term",
        Generator = generator weights,
        Latents = latents,
        Player = player (tree weights),
        State = settled (term.Init first),
        Step = 6L
    )

/// A penalty's state after a turn.
let private nextState (penalty: IPenalty) (input: PenaltyInput) : ParameterTree =
    match (penalty.Evaluate input).State with
    | null -> input.State
    | state -> state

let private setting space =
    PenaltySetting(space, readOnlyDict [], true, null)

let private ofTerms =
    testList
        "terms"
        [
            testList
                "derivatives of orders 1 and 2 in the weights agree with central differences"
                [
                    for name, term, _ in terms ->
                        testCase name
                        <| fun () ->
                            Derivatives.requireDerivatives 2 2e-6 (input term >> term.Evaluate >> _.Value) weights name
                ]

            testList
                "a penalty is never negative, and a reward never positive"
                [
                    for name, term, rewards in terms ->
                        testCase name
                        <| fun () ->
                            for scale in [ 0.0; 0.1; 1.0; 30.0 ] do
                                let scaled = weights |> List.map (fun w -> w.Times(scale))
                                let found = value (term.Evaluate(input term scaled)).Value

                                Expect.holds
                                    (if rewards then found <= 0.0 else found >= 0.0)
                                    $"{found} at scale {scale}"
                ]

            testList
                "a term's next state has the form of its first, and no graph"
                [
                    for name, term, _ in terms ->
                        testCase name
                        <| fun () ->
                            let leaves = weights |> List.map (fun w -> w.detach().requires_grad_())
                            let input = input term leaves
                            let next = nextState term input
                            Expect.equal (List.ofSeq input.State.Paths) (List.ofSeq next.Paths)

                            for before, after in Seq.zip input.State next do
                                Expect.equal (List.ofArray before.Tensor.shape) (List.ofArray after.Tensor.shape)
                                Expect.holds (not after.Tensor.requires_grad) $"{after.Path} has a graph"
                ]

            testCase "a discriminator that does not move with its points is consistent"
            <| fun () ->
                let flat = [ weights[0].Times(0.0); weights[1] ]

                let consistencies: IPenalty list =
                    [
                        Consistency(Augmentation = InstanceNoise(Deviation = Constant 1.0), FakeCoefficient = 1.0)
                        LatentConsistency(Coefficient = 5.0)
                    ]

                for term in consistencies do
                    Expect.within 1e-15 0.0 (value (term.Evaluate(input term flat)).Value)

            testCase "orthogonal rows cost nothing, and longer ones only with the diagonal"
            <| fun () ->
                let cost (penalty: IPenalty) rows =
                    value (
                        penalty
                            .Evaluate(
                                PenaltyInput(
                                    discriminator weights,
                                    real,
                                    fake,
                                    key,
                                    Player = player (tree [ float64 [ 2; 2 ] rows ])
                                )
                            )
                            .Value
                    )

                let loose, strict =
                    Orthogonality(Coefficient = 1.0), Orthogonality(Coefficient = 1.0, Diagonal = true)

                Expect.within 1e-12 0.0 (cost loose [ 3.0; 0.0; 0.0; 2.0 ])
                Expect.within 1e-12 0.0 (cost strict [ 0.6; 0.8; -0.8; 0.6 ])
                Expect.within 1e-12 (64.0 + 9.0) (cost strict [ 3.0; 0.0; 0.0; 2.0 ])
                // Both off-diagonal products are 3 * 1.
                Expect.within 1e-12 18.0 (cost loose [ 3.0; 0.0; 1.0; 2.0 ])

            testCase "orthogonality is of the matrices that layers say they have"
            <| fun () ->
                let cost (layer: ILayer) =
                    let network =
                        LayeredDiscriminator(layer, Space.Vector(3, ValueRange.Unbounded), true)

                    let ones =
                        network.Init(key, torch.ScalarType.Float64).Weights.Map(fun weight -> torch.ones_like weight)

                    let player = BoundNetwork(network, LayerState(ones, ParameterTree.Empty))

                    value (
                        (Orthogonality(Coefficient = 1.0) :> IPenalty)
                            .Evaluate(PenaltyInput(discriminator weights, real, fake, key, Player = player))
                            .Value
                    )

                // Two outputs of three ones each: two products of 3.
                Expect.within 1e-12 18.0 (cost (Linear(3, 2)))
                Expect.within 1e-12 18.0 (cost (Linear(3, 2, Bias = false)))
                Expect.within 1e-12 18.0 (cost (Conv1d(3, 2, 1)))
                Expect.within 1e-12 18.0 (cost (ConvTranspose1d(3, 2, 1)))
                Expect.within 1e-12 18.0 (cost (Sequential(Linear(3, 2), LayerNorm 2, Relu())))
                Expect.within 1e-12 54.0 (cost (Linear(3, 3)))

                Expect.contains
                    "offers none"
                    (Expect.failure<System.ArgumentException>(fun () -> cost (LayerNorm 3) |> ignore)).Message

            testCase "historical averaging measures from the mean of the weights so far"
            <| fun () ->
                let penalty: IPenalty = HistoricalAveraging(Coefficient = 1.0)

                let at weight state =
                    PenaltyInput(
                        discriminator weights,
                        real,
                        fake,
                        key,
                        Player = player (tree [ float64 [ 1 ] [ weight ] ]),
                        State = state
                    )

                let seen = [ 1.0; 3.0; 8.0 ]

                let state =
                    seen
                    |> List.fold
                        (fun state weight -> nextState penalty (at weight state))
                        (penalty.Init(tree [ float64 [ 1 ] [ 1.0 ] ]))

                Expect.within 1e-12 36.0 (value (penalty.Evaluate(at 10.0 state)).Value)

            testCase "LeCam's averages are the mean of the first turns, and then move"
            <| fun () ->
                let penalty: IPenalty = LeCam(Coefficient = 2.0, Decay = 0.75)

                let logits (values: float list) =
                    DiscriminatorOutput(float64 [ values.Length ] values)

                let at state real fake =
                    PenaltyInput(
                        discriminator weights,
                        points "real",
                        points "fake",
                        key,
                        RealOutput = logits real,
                        FakeOutput = logits fake,
                        State = state
                    )

                let first =
                    nextState penalty (at (penalty.Init(tree weights)) [ 1.0; 3.0 ] [ -1.0; 0.0 ])

                Expect.within 1e-12 2.0 (value first["real"])
                Expect.within 1e-12 -0.5 (value first["fake"])
                let second = nextState penalty (at first [ 4.0 ] [ 0.5 ])
                Expect.within 1e-12 3.0 (value second["real"])
                Expect.within 1e-12 0.0 (value second["fake"])

                let later =
                    Seq.fold (fun state _ -> nextState penalty (at state [ 3.0 ] [ 0.0 ])) second (seq { 1..20 })

                let moved = nextState penalty (at later [ 7.0 ] [ 0.0 ])
                Expect.within 1e-12 (0.75 * 3.0 + 0.25 * 7.0) (value moved["real"])
                // At the first turn the averages are 2 and -0.5: real logits are 1.5 and 3.5 above the fakes', fake ones 3 and 2 below.
                Expect.within
                    1e-12
                    (2.0 * ((2.25 + 12.25) / 2.0 + (9.0 + 4.0) / 2.0))
                    (value (penalty.Evaluate(at (penalty.Init(tree weights)) [ 1.0; 3.0 ] [ -1.0; 0.0 ])).Value)

            testCase "a linear generator of orthogonal columns has one path length, and its term fades"
            <| fun () ->
                let penalty: IPenalty = PathLength(Coefficient = 1.0, Decay = 0.5)

                let identity =
                    { new IGeneratorFunction with
                        member _.Generate latents =
                            Sample(NamedTensor("vector", latents.Times 3.0))
                    }

                // |J^T y| = 3 |y| for y normal over sqrt 2: its mean square is 9.
                let latents = draw "many latents" [ 4000; 2 ]

                let input =
                    PenaltyInput(
                        discriminator weights,
                        real,
                        fake,
                        key,
                        Generator = identity,
                        Latents = latents,
                        State = penalty.Init(tree weights)
                    )

                let first = value ((nextState penalty input)["length"])
                // The mean of |y| is sqrt(pi / 2) / sqrt 2, and the average has gone half the way to it from 0.
                Expect.within 0.05 (0.5 * 3.0 * sqrt (System.Math.PI / 4.0)) first

            testCase "a lazy penalty is its inner one every so often, so many times"
            <| fun () ->
                let inner, lazyOne =
                    R1(Gamma = 2.0) :> IPenalty, Lazy(Inner = R1(Gamma = 2.0), Every = 4) :> IPenalty

                let at step =
                    PenaltyInput(discriminator weights, real, fake, key, Step = step)

                let sum =
                    List.sum [ for step in 0L .. 7L -> value (lazyOne.Evaluate(at step)).Value ]

                Expect.within 1e-9 (8.0 * value (inner.Evaluate(at 0L)).Value) sum
                Expect.within 0.0 0.0 (value (lazyOne.Evaluate(at 1L)).Value)

                Expect.within
                    1e-12
                    (value (inner.Evaluate(at 5L)).Value)
                    (value (Lazy(Inner = R1(Gamma = 2.0), Every = 1).Evaluate(at 5L)).Value)
        ]

let private vectors = Space.Vector(3, ValueRange.Unbounded)

let private mlp space =
    Mlp.Discriminator(space, MlpConfig(Widths = [ 5 ], Activation = Tanh()))

let private judge (discriminator: IDiscriminator) (points: Sample) =
    discriminator.Discriminate(discriminator.Init(key, torch.ScalarType.Float64), points, null, Mode.Train, key).Output

let private ofDiscriminators =
    testList
        "discriminators around discriminators"
        [
            testCase "a pack of one is no packing, and a pack of two sees pairs"
            <| fun () ->
                let packed pack =
                    PackedDiscriminator(pack, vectors, fun space -> mlp space)

                Expect.equal (elements (judge (mlp vectors) real).Logits) (elements (judge (packed 1) real).Logits)
                let pairs = judge (packed 2) real
                Expect.equal [ 3L ] (List.ofArray pairs.Logits.shape)
                let second = real.Slice(2, 2)

                requireClose
                    1e-12
                    (elements (judge (packed 2) second).Logits)
                    (elements (pairs.Logits.narrow (0, 1, 1)))
                    "a pack"

                Expect.contains
                    "a batch that is a multiple of 4; got 6 points"
                    (Expect.failure<System.ArgumentException>(fun () -> judge (packed 4) real |> ignore)).Message

            testCase "packs of pictures have their channels one after the other"
            <| fun () ->
                let space = Space.Image(2, 3, 3, ValueRange.Symmetric)
                Expect.equal (Space.Image(6, 3, 3, ValueRange.Symmetric) :> Space) (space.Packed 3)

            testCase "a gradient penalty of packs is of the whole pack's gradient"
            <| fun () ->
                // D(x1, x2) = a . x1 + b . x2 has the squared gradient |a|^2 + |b|^2.
                let linear =
                    { new IDiscriminatorFunction with
                        member _.Discriminate sample =
                            let packs = sample.ToMatrix().reshape(-1L, 6L)
                            DiscriminatorOutput(packs.matmul (float64 [ 6 ] [ 3.0; 0.0; 0.0; 0.0; 4.0; 0.0 ]))
                    }

                Expect.within 1e-9 25.0 (value (R1(Gamma = 2.0).Evaluate(PenaltyInput(linear, real, fake, key))).Value)

            testCase "a gradient-normalized discriminator is its formula, and its logits are within 1"
            <| fun () ->
                let inner = mlp vectors
                let state = inner.Init(key, torch.ScalarType.Float64)
                let leaf = real.Map(fun t -> t.detach().requires_grad_())
                let plain = inner.Discriminate(state, leaf, null, Mode.Train, key).Output.Logits

                let slopes = Gradient.Of(plain.sum (), [| leaf.Single |], createGraph = false)[0]

                let expected =
                    Array.map2
                        (fun d g -> d / (g + abs d))
                        (elements plain)
                        (elements (slopes.square().sum([| 1L |]).sqrt()))

                let found = elements (judge (GradientNormalizedDiscriminator inner) real).Logits
                requireClose 1e-9 found expected "the logits"
                Expect.holds (found |> Array.forall (fun d -> abs d < 1.0)) "beyond 1"

            testCase "an autoencoder's logit is less its mean squared residual"
            <| fun () ->
                let discriminator = Mlp.Autoencoder(vectors, 2, MlpConfig(Widths = [ 5 ]))
                let output = judge discriminator real
                Expect.equal [ 6L; 2L ] (List.ofArray (output.NeedFeatures().shape))

                requireClose
                    1e-12
                    (elements output.Logits)
                    (elements ((output.NeedResiduals().square().mean [| 1L |]).neg()))
                    "the logits"

            testCase "what reads more of a discriminator than it gives is refused when the game is made"
            <| fun () ->
                let space = Space.Vector(2, ValueRange.Unbounded)

                let generator =
                    Mlp.Generator(LatentPrior.Normal 2, space, MlpConfig(Widths = [ 4 ]))

                let discriminator = Mlp.Discriminator(space, MlpConfig(Widths = [ 4 ]))
                let bare = LayeredDiscriminator(Linear(2, 1), space, true)

                let reason discriminator (config: AdversarialConfig) =
                    (Expect.failure<RefusedException>(fun () ->
                        AdversarialGame.Create(generator, discriminator, config) |> ignore))
                        .Reason

                Expect.equal
                    RefusalReason.NeedsReconstruction
                    (reason discriminator (AdversarialConfig(Loss = EnergyBased(Margin = 1.0))))

                Expect.equal
                    RefusalReason.NeedsReconstruction
                    (reason discriminator (AdversarialConfig(Loss = BoundaryEquilibrium())))

                Expect.equal
                    RefusalReason.NeedsFeatures
                    (reason bare (AdversarialConfig(GeneratorPenalties = [ FeatureMatching(Coefficient = 1.0) ])))
        ]

let private image = Space.Image(2, 6, 6, ValueRange.Symmetric)

let private pictures name =
    Sample(NamedTensor("image", draw name [ 3; 2; 6; 6 ]))

let private context (augmentation: IAugmentation) (state: float) =
    AugmentationContext(
        (augmentation.Init torch.ScalarType.Float64).Map(fun t -> t.Plus(state)),
        0L,
        key.Derive "augmentation"
    )

let private augmentations: (string * IAugmentation) list =
    [
        "instance noise", InstanceNoise(Deviation = Constant 0.3)
        "color", DiffAugment(Translation = false, Cutout = false)
        "translation", DiffAugment(Color = false, Cutout = false, Background = -1.0)
        "cutout", DiffAugment(Color = false, Translation = false, Background = -1.0)
        "all of DiffAugment", DiffAugment()
        "adaptive", AdaptiveAugmentation(Background = -1.0)
    ]

let private ofAugmentations =
    testList
        "augmentations"
        [
            testList
                "an augmentation keeps the shape, follows its key, and treats each point alone"
                [
                    for name, augmentation in augmentations ->
                        testCase name
                        <| fun () ->
                            let context = context augmentation 0.8
                            let points = pictures "points"
                            let changed = augmentation.Apply(points, context)
                            Expect.equal (List.ofArray points.Single.shape) (List.ofArray changed.Single.shape)

                            Expect.equal
                                (elements changed.Single)
                                (elements (augmentation.Apply(points, context)).Single)

                            Expect.holds (elements changed.Single <> elements points.Single) "nothing changed"

                            let other =
                                Sample(
                                    NamedTensor(
                                        "image",
                                        torch.cat [| points.Single.narrow (0, 0, 1); draw "others" [ 2; 2; 6; 6 ] |]
                                    )
                                )

                            requireClose
                                1e-12
                                (elements (augmentation.Apply(other, context).Single.narrow(0, 0, 1)))
                                (elements (changed.Single.narrow (0, 0, 1)))
                                "the first point, beside others"
                ]

            testList
                "derivatives of an augmentation agree with central differences, to the third"
                [
                    for name, augmentation in augmentations ->
                        testCase name
                        <| fun () ->
                            let context = context augmentation 0.8
                            let probe = draw "probe" [ 3; 2; 6; 6 ]

                            let f (points: Tensor list) =
                                ((augmentation.Apply(Sample(NamedTensor("image", points[0])), context)).Single.tanh()
                                 * probe)
                                    .sum()

                            Derivatives.requireDerivatives 3 2e-6 f [ (pictures "points").Single ] name
                ]

            testCase "noise of no deviation is no noise, and one on a schedule fades"
            <| fun () ->
                let at (noise: InstanceNoise) step =
                    elements (
                        (noise.Apply(real, AugmentationContext(ParameterTree.Empty, step, key))).Single
                        - real.Single
                    )
                    |> Array.averageBy (fun x -> x * x)

                Expect.equal 0.0 (at (InstanceNoise(Deviation = Constant 0.0)) 5L)

                let fading =
                    InstanceNoise(Deviation = LinearDecay(From = 1.0, Until = 0.0, Over = 10L))

                Expect.within 1e-12 (at fading 0L * 0.25) (at fading 5L)
                Expect.equal 0.0 (at fading 10L)

            testCase "a translated picture is the picture, moved by whole pixels and filled"
            <| fun () ->
                let augmentation = DiffAugment(Color = false, Cutout = false, Background = -1.0)
                let big = Sample(NamedTensor("image", draw "big" [ 8; 1; 16; 16 ]))

                let changed =
                    (augmentation.Apply(big, AugmentationContext(ParameterTree.Empty, 0L, key))).Single

                for n in 0L .. 7L do
                    let before, after =
                        big.Single.select(0, n).select(0, 0L), changed.select(0, n).select(0, 0L)

                    let pixel (picture: Tensor) (y: int64) (x: int64) =
                        if y < 0L || y > 15L || x < 0L || x > 15L then
                            -1.0
                        else
                            value (picture.select(0, y).select(0, x))

                    let matches dy dx =
                        Seq.allPairs [ 0L; 5L; 15L ] [ 0L; 7L; 15L ]
                        |> Seq.forall (fun (y, x) -> abs (pixel after y x - pixel before (y - dy) (x - dx)) < 1e-12)

                    let shifts =
                        Seq.allPairs [ -2L .. 2L ] [ -2L .. 2L ]
                        |> Seq.filter (fun (dy, dx) -> matches dy dx)

                    Expect.equal 1 (Seq.length shifts)

            testCase
                "adaptive augmentation at probability 0 changes nothing, and its probability follows the discriminator's sign"
            <| fun () ->
                let augmentation: IAugmentation = AdaptiveAugmentation(StepSize = 0.1, Target = 0.5)
                let none = context augmentation 0.0

                requireClose
                    1e-12
                    (elements (augmentation.Apply(pictures "points", none)).Single)
                    (elements (pictures "points").Single)
                    "at 0"

                let sure = DiscriminatorOutput(float64 [ 4 ] [ 1.0; 2.0; 3.0; 0.5 ])
                let unsure = DiscriminatorOutput(float64 [ 4 ] [ 1.0; -2.0; 3.0; -0.5 ])

                let next output =
                    value (augmentation.Adapt(output, context augmentation 0.3)["probability"])

                Expect.within 1e-12 0.4 (next sure)
                Expect.within 1e-12 0.2 (next unsure)

            testCase "at probability 1 a half of the pictures is mirrored, and the cut-out is a square of half the side"
            <| fun () ->
                let sure =
                    AugmentationContext(
                        ParameterTree.FromTensors [ NamedTensor("probability", float64 [] [ 1.0 ]) ],
                        0L,
                        key
                    )

                let ramp =
                    (torch.arange(16L).to_type(torch.ScalarType.Float64).view(1L, 1L, 1L, 16L))
                        .expand(400L, 1L, 16L, 16L)

                let ramps = Sample(NamedTensor("image", ramp))
                let changed = ((AdaptiveAugmentation() :> IAugmentation).Apply(ramps, sure)).Single

                let rising =
                    changed.narrow(3, 12, 1).sum([| 1L; 2L; 3L |])
                    - changed.narrow(3, 3, 1).sum [| 1L; 2L; 3L |]

                Expect.within
                    0.1
                    0.5
                    (elements rising
                     |> Array.averageBy (fun slope -> if slope > 0.0 then 1.0 else 0.0))

                let cut = DiffAugment(Color = false, Translation = false) :> IAugmentation

                let full =
                    Sample(NamedTensor("image", torch.ones ([| 400L; 1L; 16L; 16L |], torch.ScalarType.Float64)))

                let left =
                    (cut.Apply(full, AugmentationContext(ParameterTree.Empty, 0L, key))).Single.sum [| 1L; 2L; 3L |]

                Expect.equal (256.0 - 64.0) (elements left |> Array.min)

            testCase "what cannot be ranked, normalized or augmented alone is refused when it is made"
            <| fun () ->
                let refusal make =
                    (Expect.failure<System.ArgumentException>(fun () -> make () |> ignore)).Message

                for loss: IAdversarialLoss in
                    [ MultiHinge() :> IAdversarialLoss; Sphere(); Cramer(); KernelDiscrepancy() ] do
                    Expect.contains
                        "Top-k ranks points"
                        (refusal (fun () -> TopK(Inner = loss, Fraction = Constant 0.5)))

                for fraction in [ 0.0; 5.0 ] do
                    Expect.contains
                        "Fraction must be"
                        (refusal (fun () -> TopK(Inner = Hinge(), Fraction = Constant fraction)))

                Expect.contains
                    "Deviation must be"
                    (refusal (fun () -> InstanceNoise(Deviation = LinearDecay(From = 1.0, Until = -1.0, Over = 5L))))

                let batchNormed =
                    Mlp.Discriminator(vectors, MlpConfig(Widths = [ 4 ], Normalization = Normalization.Batch))

                Expect.contains
                    "judges each point alone"
                    (refusal (fun () -> GradientNormalizedDiscriminator batchNormed))

                Expect.contains
                    "without a state"
                    (refusal (fun () ->
                        (Consistency(Augmentation = AdaptiveAugmentation()) :> IPenalty).Validate(setting image)))

                Expect.contains
                    "changes images"
                    (refusal (fun () ->
                        (Lazy(Inner = Consistency(Augmentation = DiffAugment()), Every = 2) :> IPenalty)
                            .Validate(setting vectors)))

            testCase "pictures' augmentations are refused for other data"
            <| fun () ->
                let ofPictures: IAugmentation list = [ DiffAugment(); AdaptiveAugmentation() ]

                for augmentation in ofPictures do
                    Expect.contains
                        "changes images; the data is vector[3]"
                        (Expect.failure<System.ArgumentException>(fun () -> augmentation.Validate vectors)).Message

                    augmentation.Validate image
        ]

let tests = testList "Stabilisers" [ ofTerms; ofDiscriminators; ofAugmentations ]
