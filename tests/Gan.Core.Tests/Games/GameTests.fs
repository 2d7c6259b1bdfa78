module Gan.Core.Tests.GameTests

open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let space = Space.Vector(2, ValueRange.Unbounded)
let prior = LatentPrior.Normal 3
let ring = Mixture.Ring(8, 1.0, 0.05)
let root = RandomKey.FromSeed 5L

let generator normalization =
    Mlp.Generator(prior, space, MlpConfig(Widths = [ 8 ], Activation = Relu(), Normalization = normalization))

let discriminator normalization =
    Mlp.Discriminator(space, MlpConfig(Widths = [ 8 ], Normalization = normalization))

let batch (game: Game) (i: int) =
    let points = ring.Draw(root.Derive("data").Derive(int64 i), 16).to_type game.Dtype
    Batch(Sample(NamedTensor("vector", points)), null, torch.arange (16L, torch.ScalarType.Int64))

let config =
    AdversarialConfig(BatchSize = 16, GeneratorAveraging = Averaging(Decay = 0.9))

/// Games of many kinds: the rows of the laws of steps.
let games =
    let create config =
        AdversarialGame.Create(generator Normalization.None, discriminator Normalization.None, config)

    [
        "plain", create config
        "penalized",
        create (config.WithPenalties(R1(Gamma = 0.1), R2(Gamma = 0.1), WassersteinGradientPenalty(Coefficient = 1.0)))
        "relativistic", create (config.WithLoss(RelativisticPaired()))
        "several steps", create (AdversarialConfig(BatchSize = 16, DiscriminatorSteps = 3, GeneratorSteps = 2))
        "clipped",
        create (
            AdversarialConfig(
                BatchSize = 16,
                Loss = Wasserstein(),
                DiscriminatorConstraints = [ WeightClipping(Bound = 0.05) ]
            )
        )
        "simultaneous", create (config.WithRule(Simultaneous()))
        "extragradient", create (config.WithRule(Extragradient()))
        "Runge-Kutta 2", create (config.WithRule(RungeKutta(Order = 2)))
        "Runge-Kutta 4", create (config.WithRule(RungeKutta(Order = 4)))
        "lookahead", create (config.WithRule(Lookahead(Inner = Alternating(), Period = 2, Alpha = 0.5)))
        "lookahead of extragradient",
        create (config.WithRule(Lookahead(Inner = Extragradient(), Period = 3, Alpha = 0.4)))
        "consensus", create (config.WithRule(Consensus(Coefficient = 0.1)))
        "symplectic adjustment", create (config.WithRule(SymplecticGradientAdjustment(Coefficient = 0.1)))
        "competitive gradient", create (config.WithRule(CompetitiveGradientDescent(LearningRate = 1e-2)))
        "unrolled", create (config.WithRule(Unrolled(Steps = 2, LearningRate = 1e-2)))
        "penalized, relativistic consensus",
        create (
            config
                .WithLoss(RelativisticPaired())
                .WithPenalties(R1(Gamma = 0.1), R2(Gamma = 0.1))
                .WithRule(Consensus(Coefficient = 0.1))
        )
        "float64", create (config.WithDtype torch.ScalarType.Float64)
        "RMSProp", create (config.WithOptimizers(Optimizers.RmsProp(1e-3, 0.9)))
        "stabilised",
        create (
            config
                .WithPenalties(
                    LeCam(Coefficient = 0.3),
                    Consistency(Augmentation = InstanceNoise(Deviation = Constant 0.1)),
                    HistoricalAveraging(Coefficient = 0.1),
                    Lazy(Inner = R1(Gamma = 1.0), Every = 2)
                )
                .WithGeneratorPenalties(
                    PathLength(Coefficient = 1.0),
                    FeatureMatching(Coefficient = 0.5),
                    HistoricalAveraging(Coefficient = 0.1),
                    LatentDiversity(Coefficient = 0.1)
                )
                .WithAugmentations(InstanceNoise(Deviation = LinearDecay(From = 0.5, Until = 0.0, Over = 3L)))
        )
        "stateful loss, packed",
        AdversarialGame.Create(
            generator Normalization.None,
            PackedDiscriminator(
                2,
                space,
                fun packs -> Mlp.Discriminator(packs, MlpConfig(Widths = [ 8 ], Normalization = Normalization.Spectral))
            ),
            config.WithLoss(Fisher(Penalty = 0.1)).WithPenalties(R1(Gamma = 0.1))
        )
        "BEGAN of an autoencoder, consensus",
        AdversarialGame.Create(
            generator Normalization.None,
            Mlp.Autoencoder(space, 2, MlpConfig(Widths = [ 8 ])),
            config.WithLoss(BoundaryEquilibrium(Gain = 0.1)).WithRule(Consensus(Coefficient = 0.1))
        )
        "gradient-normalized",
        AdversarialGame.Create(
            generator Normalization.None,
            GradientNormalizedDiscriminator(discriminator Normalization.None),
            AdversarialConfig(BatchSize = 16, GeneratorAveraging = Averaging(Decay = 0.9, RampUp = 0.5))
        )
        "minibatch discrimination",
        AdversarialGame.Create(
            generator Normalization.None,
            Mlp.Discriminator(
                space,
                MlpConfig(Widths = [ 8 ], Head = DiscriminatorHead(Outputs = 1, Minibatch = Minibatch.Discrimination))
            ),
            config
        )
        "batch norm", AdversarialGame.Create(generator Normalization.Batch, discriminator Normalization.Batch, config)
    ]

let game name =
    games |> List.find (fun (n, _) -> n = name) |> snd

let batches (game: Game) step =
    [
        for i in 0 .. game.BatchesPerStep - 1 -> batch game (step * game.BatchesPerStep + i)
    ]

let run (game: Game) steps (advance: Game -> GameState -> Batch list -> GameState) =
    Seq.fold (fun state step -> advance game state (batches game step)) (game.Init root) (seq { 0 .. steps - 1 })

let pureStep (game: Game) (state: GameState) batches = Step.Run(game, state, batches).State

/// A step as the run loop makes it: the state before is done with, and numbers are read after that.
let disposing (game: Game) (state: GameState) (batches: Batch list) =
    let result = Step.Run(game, state, batches, measure = (state.Step % 2L = 0L))
    state.Dispose()
    result.Measurements.Read() |> ignore
    result.State

let tests =
    testList
        "Games"
        [
            testList
                "a step is a pure function"
                [
                    for name, game in games ->
                        testCase name
                        <| fun () ->
                            let state = game.Init root
                            let before = state.Hash()
                            let first = Step.Run(game, state, batches game 0)
                            Expect.equal before (state.Hash())
                            Expect.equal (first.State.Hash()) (Step.Run(game, state, batches game 0).State.Hash())
                            Expect.holds (before <> first.State.Hash()) "nothing moved"
                            Expect.equal 1L first.State.Step
                ]

            testList
                "disposing of the states before changes no bit, and a kept state stays"
                [
                    for name, game in games ->
                        testCase name
                        <| fun () ->
                            let pureHash = (run game 5 pureStep).Hash()
                            Expect.equal pureHash ((run game 5 disposing).Hash())
                            let mutable kept = []

                            let last =
                                run game 5 (fun game state batches ->
                                    kept <- (state.Retain(), state.Hash()) :: kept
                                    disposing game state batches)

                            Expect.equal pureHash (last.Hash())

                            for state, hash in kept do
                                Expect.equal hash (state.Hash())
                ]

            testCase "a tensor that the state holds in two places stays in one when the other moves"
            <| fun () ->
                let plain = game "plain"

                // The discriminator's objective remembers the generator's weights: the very tensors that the generator's turn moves.
                let remembering (inner: IObjective) =
                    { new IObjective with
                        member _.DrawsData game = inner.DrawsData game

                        member _.Evaluate input =
                            let result = inner.Evaluate input

                            ObjectiveResult(
                                result.Loss,
                                result.Buffers,
                                input.Players["generator"].State.Weights,
                                result.Measurements
                            )
                    }

                let turns =
                    [
                        for turn in plain.Turns ->
                            if turn.Name = "discriminator" then
                                Turn.Of("discriminator", remembering turn.Objective)
                            else
                                turn
                    ]

                let game = Game(plain.Players, turns, Alternating(), plain.Dtype)
                let remembered (state: GameState) = state.Objectives[0].Hash()
                Expect.equal (remembered (run game 3 pureStep)) (remembered (run game 3 disposing))

            testList
                "every player moves, and numbers are finite"
                [
                    for name, game in games ->
                        testCase name
                        <| fun () ->
                            let state = game.Init root
                            let result = Step.Run(game, state, batches game 0)

                            for before, after in Seq.zip state.Players result.State.Players do
                                Expect.holds
                                    (before.Network.Weights.Hash() <> after.Network.Weights.Hash())
                                    $"{before.Name} did not move"

                            let values = result.Measurements.Read()

                            for name in
                                [
                                    "discriminator/loss"
                                    "generator/loss"
                                    "discriminator/real_logit"
                                    "discriminator/fake_logit"
                                    "discriminator/gradient_norm"
                                    "generator/gradient_norm"
                                ] do
                                Expect.holds (values.ContainsKey name && System.Double.IsFinite values[name]) name
                ]

            testList
                "a checkpoint is the state again"
                [
                    for name, game in games ->
                        testCase name
                        <| fun () ->
                            let state = run game 2 pureStep

                            let tensors =
                                GameCheckpoint.ToTensors state
                                |> Seq.map (fun entry -> entry.Path, entry.Tensor)
                                |> readOnlyDict

                            let restored = GameCheckpoint.FromTensors(game, tensors)
                            Expect.equal (state.Hash()) (restored.Hash())

                            Expect.equal
                                ((pureStep game state (batches game 2)).Hash())
                                ((pureStep game restored (batches game 2)).Hash())
                ]

            testCase "a checkpoint of another game is refused by the name of a tensor"
            <| fun () ->
                let tensors =
                    GameCheckpoint.ToTensors((game "plain").Init root)
                    |> Seq.map (fun entry -> entry.Path, entry.Tensor)
                    |> readOnlyDict

                let refusal (game: Game) =
                    (Expect.failure<System.ArgumentException>(fun () ->
                        GameCheckpoint.FromTensors(game, tensors) |> ignore))
                        .Message

                Expect.contains "generator/weights/0/weight" (refusal (game "float64"))
                Expect.contains "lacks the tensor 'generator/weights/1/weight'" (refusal (game "batch norm"))
                Expect.contains "no place for" (refusal (game "clipped"))

            testCase "simultaneous is alternating where the turns do not see each other"
            <| fun () ->
                let alone rule =
                    // Two players, each drawn to its own target.
                    let toward target (name: string) =
                        { new IObjective with
                            member _.DrawsData _ = false

                            member _.Evaluate input =
                                let weight = input.Players[name].State.Weights["0/weight"]

                                ObjectiveResult(
                                    (weight.Minus(target: float)).square().sum(),
                                    [],
                                    input.State,
                                    Measurements.Empty
                                )
                        }

                    let players =
                        [
                            for name in [ "a"; "b" ] ->
                                Player(name, discriminator Normalization.None, Optimizers.Sgd(0.1, 0.5))
                        ]

                    Game(
                        players,
                        [ Turn.Of("a", toward 1.0 "a"); Turn.Of("b", toward 2.0 "b") ],
                        rule,
                        torch.ScalarType.Float32
                    )

                let last rule = (run (alone rule) 4 pureStep).Hash()
                Expect.equal (last (Alternating())) (last (Simultaneous()))

            testCase "alternating turns see what earlier ones changed, simultaneous ones do not"
            <| fun () ->
                // Adam's first step would only see the gradients' signs.
                let config = config.WithOptimizers(Optimizers.Sgd(0.1, 0.0))

                let first rule =
                    let game =
                        AdversarialGame.Create(
                            generator Normalization.None,
                            discriminator Normalization.None,
                            config.WithRule rule
                        )

                    (pureStep game (game.Init root) (batches game 0)).Player("generator").Network.Weights.Hash()

                Expect.holds (first (Alternating()) <> first (Simultaneous())) "the rules give the same generator"

            testCase "rules at their neutral numbers are the simpler rules"
            <| fun () ->
                let last rule =
                    let game =
                        AdversarialGame.Create(
                            generator Normalization.None,
                            discriminator Normalization.None,
                            config.WithPenalties(R1(Gamma = 0.1)).WithRule rule
                        )

                    [ for player in (run game 4 pureStep).Players -> player.Network.Weights ]

                let simultaneous, alternating = last (Simultaneous()), last (Alternating())

                // To the bit; rules that differentiate gradients make these of other operators, in another order of sums.
                let exact, close = 0.0, 1e-5

                let simpler: (IUpdateRule * ParameterTree list * float) list =
                    [
                        Extragradient(Lookahead = 0.0), simultaneous, exact
                        RungeKutta(Order = 1), simultaneous, exact
                        Consensus(Coefficient = 0.0), simultaneous, close
                        SymplecticGradientAdjustment(Coefficient = 0.0), simultaneous, close
                        Unrolled(Steps = 0, LearningRate = 1.0), alternating, exact
                        Lookahead(Inner = Alternating(), Period = 3, Alpha = 1.0), alternating, exact
                        Lookahead(Inner = Simultaneous(), Period = 1, Alpha = 1.0), simultaneous, exact
                    ]

                for rule, expected, tolerance in simpler do
                    for expected, actual in List.zip expected (last rule) do
                        Expect.holds (actual.AllClose(expected, tolerance, tolerance)) $"{rule}"

            testCase "the average follows its formula"
            <| fun () ->
                let game = game "plain"
                let before = game.Init root
                let after = pureStep game before (batches game 0)
                let weights (state: LayerState) = elements state.Weights["0/weight"]

                let start, moved =
                    weights (before.Player "generator").Network, weights (after.Player "generator").Network

                let expected = Array.map2 (fun a w -> 0.9 * a + 0.1 * w) start moved
                requireClose 1e-6 (weights (after.Player "generator").Average) expected "the average"

            testCase "a ramped average follows at first, and then as an even one"
            <| fun () ->
                let ramped, even = Averaging(Decay = 0.9, RampUp = 0.5), Averaging(Decay = 0.9)
                // After one step the half-life is half a step.
                Expect.within 1e-12 0.25 (ramped.DecayAt 0L)
                Expect.within 1e-12 0.5 (ramped.DecayAt 1L)
                Expect.equal 0.9 (ramped.DecayAt 1000L)
                Expect.equal 0.9 (even.DecayAt 0L)

            testCase "wrong games are refused when they are made"
            <| fun () ->
                let message make =
                    (Expect.failure<System.ArgumentException>(fun () -> make () |> ignore)).Message

                let wide =
                    Mlp.Discriminator(Space.Vector(3, ValueRange.Unbounded), MlpConfig(Widths = [ 4 ]))

                Expect.contains
                    "vector[3]"
                    (message (fun () -> AdversarialGame.Create(generator Normalization.None, wide, config)))

                let twice = AdversarialConfig(Rule = Simultaneous(), DiscriminatorSteps = 2)

                Expect.contains
                    "repeats 2 times"
                    (message (fun () ->
                        AdversarialGame.Create(generator Normalization.None, discriminator Normalization.None, twice)))

                let plain = game "plain"
                let again = Turn("again", plain.Turns[0].Players, plain.Turns[0].Objective, 1)

                Expect.contains
                    "'discriminator' is moved by 2 of them"
                    (message (fun () ->
                        Game(plain.Players, [ plain.Turns[0]; again ], Consensus(Coefficient = 1.0), plain.Dtype)))

                Expect.contains
                    "draws 1 batches; got 0"
                    (message (fun () -> Step.Run(game "plain", (game "plain").Init root, [])))
        ]
