/// Spectra by products, rotation, path angles, duality gaps: on games whose answers are known.
module Gan.Core.Tests.DynamicsTests

open System.Numerics
open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private key = RandomKey.FromSeed 23L

/// A player of one vector.
let private vectorNetwork name (first: float list) =
    { new INetwork with
        member _.Space = Space.Vector(1, ValueRange.Unbounded)
        member _.MixesSamples = false

        member _.Init(_, _) =
            LayerState(
                ParameterTree.FromTensors [ NamedTensor(name, float64 [ first.Length ] first) ],
                ParameterTree.Empty
            )
    }

/// The game of two players x and y with losses of their own.
let private game (x: float list) (y: float list) lossX lossY =
    let objective (loss: Tensor -> Tensor -> Tensor) =
        { new IObjective with
            member _.DrawsData _ = false

            member _.Evaluate input =
                ObjectiveResult(
                    loss input.Players["x"].State.Weights["w"] input.Players["y"].State.Weights["w"],
                    [],
                    input.State,
                    Measurements.Empty
                )
        }

    let player name first =
        Player(name, vectorNetwork "w" first, Optimizers.Sgd(0.1, 0.0))

    Game(
        [ player "x" x; player "y" y ],
        [ Turn.Of("x", objective lossX); Turn.Of("y", objective lossY) ],
        Simultaneous(),
        torch.ScalarType.Float64
    )

let private dot (a: Tensor) (b: Tensor) = (a * b).sum()
let private times (factor: float) (t: Tensor) = t.Times(factor)

/// x minimizes x A y + s/2 |x|^2, y the negative of it with its own curvature.
let private bilinear (s: float) (a: Tensor) x y =
    game x y (fun x y -> dot x (a.matmul y) + times (s / 2.0) (x.square().sum())) (fun x y ->
        (dot x (a.matmul y)).neg() + times (s / 2.0) (y.square().sum()))

let private spectrum (game: Game) count dimensions =
    GameSpectrum.Of(game, game.Init key, [], count, dimensions)

let private fields =
    testList
        "fields"
        [
            testCase "a bilinear game only turns: its eigenvalues are +-i s for the singular values s"
            <| fun () ->
                let a = float64 [ 2; 2 ] [ 3.0; 0.0; 0.0; 0.5 ]
                let found = spectrum (bilinear 0.0 a [ 1.0; 2.0 ] [ 0.5; -1.0 ]) 4 4
                Expect.holds found.Exact "not exact"
                Expect.equal 4 found.Weights
                Expect.within 1e-12 1.0 found.Rotation

                for value, expected in
                    Seq.zip
                        found.Leading
                        [ Complex(0.0, 3.0); Complex(0.0, -3.0); Complex(0.0, 0.5); Complex(0.0, -0.5) ] do
                    Expect.within 1e-9 0.0 (Complex.Abs(value.Value - expected))
                    Expect.holds (value.Residual < 1e-9) "residual"

                for player in found.Players do
                    for value in player.Leading do
                        Expect.within 1e-12 0.0 (Complex.Abs value.Value)

            testCase "players who descend one potential do not turn"
            <| fun () ->
                let potential (x: Tensor) (y: Tensor) = (x - y).square().sum() + dot x y
                let found = spectrum (game [ 1.0; 2.0 ] [ 3.0; -1.0 ] potential potential) 4 4
                Expect.within 1e-12 0.0 found.Rotation
                // v' = -[[2, -1], [-1, 2]], twice.
                Expect.within 1e-9 -3.0 found.Leading[0].Value.Real
                Expect.within 1e-9 -1.0 found.Leading[3].Value.Real
                Expect.within 1e-9 -2.0 found.Players[0].Leading[0].Value.Real

            testCase "half of a game that turns and falls alike is rotation"
            <| fun () ->
                let a = float64 [ 1; 1 ] [ 2.0 ]
                Expect.within 1e-12 0.5 (spectrum (bilinear 2.0 a [ 1.0 ] [ 1.0 ]) 2 2).Rotation

            testCase "few products find the outermost eigenvalues of a larger game, within their residuals"
            <| fun () ->
                let n = 40
                let a = key.Derive("matrix").Normal(torch.ScalarType.Float64, n, n)

                let first name =
                    List.ofArray (elements (key.Derive(name: string).Normal(torch.ScalarType.Float64, n)))

                let game = bilinear 1.0 a (first "x") (first "y")
                let exact = spectrum game 2 (2 * n)
                let few = spectrum game 2 50
                Expect.holds (exact.Exact && not few.Exact) "exactness"

                for a, b in Seq.zip exact.Leading few.Leading do
                    Expect.within (max 1e-6 (3.0 * b.Residual)) 0.0 (Complex.Abs(a.Value - b.Value))

                Expect.holds (few.Leading[0].Residual < 1e-2) $"residual {few.Leading[0].Residual}"
                Expect.within 0.15 exact.Rotation few.Rotation

            testCase "the field's eigenvalues are those of the step, for small plain steps"
            <| fun () ->
                // One layer each, tanh between: a nonlinear game away from any equilibrium.
                let loss sign (x: Tensor) (y: Tensor) =
                    times sign ((x.tanh () * y.sin ()).sum() + times 0.2 (x.square().sum()))

                let game = game [ 0.3; -0.7 ] [ 0.2; 1.1 ] (loss 1.0) (loss -1.0)
                let state = game.Init key
                let field = (spectrum game 4 4).Leading
                let step = Spectrum.Of(StepOperator.Jacobian(game, state, [], 1, 1e-5))

                for value in field do
                    let image = Complex.One + 0.1 * value.Value
                    Expect.holds (step |> Seq.exists (fun found -> Complex.Abs(found - image) < 1e-6)) $"no {image}"

            testCase "on a path to a minimum the field points along it before, and back beyond"
            <| fun () ->
                let loss (x: Tensor) (y: Tensor) = (x.square().sum() + y.square().sum())
                let at x y = (game [ x ] [ y ] loss loss).Init key
                let game = game [ 1.0 ] [ 2.0 ] loss loss
                let points = PathAngle.Along(game, at 1.0 2.0, at 0.0 0.0, [], [ 0.0; 0.5; 1.5 ])
                Expect.within 1e-12 1.0 points[0].Cosine
                Expect.within 1e-12 1.0 points[1].Cosine
                Expect.within 1e-12 -1.0 points[2].Cosine
                Expect.within 1e-12 (2.0 * sqrt 5.0) points[0].Norm

            testCase "around the equilibrium of a bilinear game the field is across the path"
            <| fun () ->
                let at x y =
                    (bilinear 0.0 (float64 [ 1; 1 ] [ 1.0 ]) [ x ] [ y ])

                let points =
                    PathAngle.Along(at 1.0 0.0, (at 1.0 0.0).Init key, (at 0.0 0.0).Init key, [], [ 0.25; 0.75 ])

                for point in points do
                    Expect.within 1e-12 0.0 point.Cosine

            testCase "gradients of a long straight descent go on, those of steps too long turn back"
            <| fun () ->
                let loss (x: Tensor) (_: Tensor) = times 0.5 (x.square().sum())
                let lossY (_: Tensor) (y: Tensor) = times 15.0 (y.square().sum())
                let game = game [ 1.0 ] [ 1.0 ] loss lossY
                let turns = GradientCosine.Of(game, game.Init key, [], [])
                Expect.within 1e-12 1.0 turns[0].Cosine
                Expect.within 1e-12 1.0 turns[0].Norm
                // Steps of 0.1 along a slope of 30 y.
                Expect.within 1e-12 -1.0 turns[1].Cosine
        ]

let private space = Space.Vector(2, ValueRange.Unbounded)
let private ring = Mixture.Ring(8, 1.0, 0.05)

let private ringGame penalties =
    AdversarialGame.Create(
        Mlp.Generator(LatentPrior.Normal 2, space, MlpConfig(Widths = [ 16 ])),
        Mlp.Discriminator(space, MlpConfig(Widths = [ 16 ])),
        AdversarialConfig(
            Loss = Minimax(),
            BatchSize = 64,
            GeneratorOptimizer = Optimizers.Adam(AdamConfig(LearningRate = 5e-3).WithBetas(0.0, 0.99)),
            DiscriminatorOptimizer = Optimizers.Adam(AdamConfig(LearningRate = 5e-3).WithBetas(0.0, 0.99)),
            Penalties = penalties
        )
    )

let private batches name count =
    [
        for i in 0L .. int64 count - 1L ->
            let points =
                ring.Draw(key.Derive(name: string).Derive i, 64).to_type torch.ScalarType.Float32

            Batch(Sample(NamedTensor("vector", points)), null, torch.arange (64L, torch.ScalarType.Int64))
    ]

let private gaps =
    testList
        "duality gaps"
        [
            testList
                "a duality gap is not negative, and falls as a game is trained"
                [
                    for proximal in [ false; true ] ->
                        testCase (if proximal then "proximal" else "plain")
                        <| fun () ->
                            let game = ringGame [ R1(Gamma = 0.5); R2(Gamma = 0.5) ]
                            let train, test = batches "train" 8, batches "test" 4

                            let config =
                                if proximal then
                                    DualityGapConfig(Steps = 40, Proximity = System.Nullable 1.0, Answers = 2)
                                else
                                    DualityGapConfig(Steps = 40)

                            let gap state =
                                DualityGap.Of(game, state, train, test, config)

                            let first = game.Init key
                            let hash = first.Hash()
                            let before = gap first
                            Expect.equal hash (first.Hash())
                            Expect.within 1e-12 before.Gap (before.WorstDiscriminator - before.WorstGenerator)

                            Expect.holds
                                (before.WorstDiscriminator >= before.Value - 0.02)
                                "a trained discriminator is worse than it was"

                            Expect.holds
                                (before.WorstGenerator <= before.Value + 0.02)
                                "a trained generator is worse than it was"

                            let trained =
                                Seq.fold
                                    (fun state i -> Step.Run(game, state, [ train[i % 8] ]).State)
                                    first
                                    (seq { 0..799 })

                            let after = gap trained
                            Expect.holds (after.Gap > -0.05) $"a gap of {after.Gap}"
                            Expect.holds (after.Gap < before.Gap) $"the gap went from {before.Gap} to {after.Gap}"
                ]

            testCase "at the equilibrium of the Dirac game there is no duality gap"
            <| fun () ->
                // The generator makes the data, and the discriminator cannot tell.
                let game =
                    AdversarialGame.Create(
                        LayeredGenerator(
                            LatentPrior.Normal 2,
                            Linear(2, 2, Initializer = ConstantInitializer 0.0, Bias = false),
                            space
                        ),
                        LayeredDiscriminator(
                            Linear(2, 1, Initializer = ConstantInitializer 0.0, Bias = false),
                            space,
                            true
                        ),
                        AdversarialConfig(Loss = Minimax(), BatchSize = 4)
                    )

                let zero =
                    Batch(
                        Sample(NamedTensor("vector", torch.zeros [| 4L; 2L |])),
                        null,
                        torch.arange (4L, torch.ScalarType.Int64)
                    )

                let gap =
                    DualityGap.Of(game, game.Init key, [ zero ], [ zero ], DualityGapConfig(Steps = 20))

                Expect.within 1e-6 0.0 gap.Gap
                Expect.within 1e-6 (-2.0 * log 2.0) gap.Value
        ]

let tests = testList "Dynamics" [ fields; gaps ]
