/// Games of more than one generator and one discriminator, and of conditions: each finds what theory says.
module Gan.Core.Tests.SystemTests

open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private root = RandomKey.FromSeed 5L
let private plane = Space.Vector(2, ValueRange.Unbounded)

let private optimizer =
    Optimizers.Adam(AdamConfig(LearningRate = 2e-3).WithBetas(0.5, 0.99))

let private linear latents space condition =
    Mlp.Generator(latents, space, MlpConfig(Widths = [], Condition = condition))

let private given space =
    ConditionConfig(By = Conditioning.Concatenate, Space = space, Embedding = 8)

/// Normal points of the plane with deviations 1 and 0.4 along axes at an angle.
let private gaussian angle (key: RandomKey) count =
    let c, s = cos angle, sin angle
    let axes = float64 [ 2; 2 ] [ c; s; -0.4 * s; 0.4 * c ]
    key.Normal(torch.ScalarType.Float64, count, 2).mm axes

let private single (points: Tensor) = points.to_type torch.ScalarType.Float32

let private covariance (points: Tensor) =
    points.t().mm(points) / torch.tensor (float (points.size 0))

let private batchOf (sample: Sample) (condition: Sample | null) =
    Batch(sample, condition, torch.arange (sample.BatchSize: int64))

/// The state after some steps on batches that a function draws.
let private train (game: Game) steps (draw: RandomKey -> Batch) =
    let step (state: GameState) (i: int64) =
        use scope = torch.NewDisposeScope()

        let batches =
            [
                for turn in 1 .. game.BatchesPerStep -> draw (root.Derive("data").Derive(i).Derive(int64 turn))
            ]

        let next = Step.Run(game, state, batches, measure = false).State
        next.Tensors |> Seq.iter (fun tensor -> scope.MoveToOuter tensor |> ignore)
        state.Dispose()
        next

    Seq.fold step (game.Init root) (seq { 1L .. steps })

let private generate (game: Game) (state: GameState) player (latents: Tensor) (condition: Sample | null) =
    use _ = torch.no_grad ()

    game.Network<IGenerator>(player).Generate(state.Player(player).Best, latents, condition, Mode.Evaluate, root).Sample

let private points tensor = Sample(NamedTensor("vector", tensor))
let private worst (tensor: Tensor) = value (tensor.abs().max())

let tests =
    testList
        "Systems"
        [
            testCase "CycleGAN between two rotated Gaussians finds the rotation up to symmetry, and its inverse"
            <| fun () ->
                let angle = 1.0

                let data = Space.Product(Space.Factor("flat", plane), Space.Factor("turned", plane))

                let translator () =
                    linear (LatentPrior.None()) plane (given plane)

                let discriminator () =
                    Mlp.Discriminator(plane, MlpConfig(Widths = [ 32; 32 ]))

                let config =
                    AdversarialConfig(
                        Loss = NonSaturating(),
                        Penalties = [ R1(Gamma = 0.1); R2(Gamma = 0.1) ],
                        BatchSize = 128
                    )
                        .WithOptimizers
                        optimizer

                let game =
                    CycleGame.Create(
                        translator (),
                        translator (),
                        discriminator (),
                        discriminator (),
                        CycleConfig(Data = data, First = "flat", Second = "turned", Cycle = 1.0, Adversarial = config)
                    )

                let draw (key: RandomKey) =
                    let sample =
                        Sample(
                            NamedTensor("flat", single (gaussian 0.0 (key.Derive "flat") 128)),
                            NamedTensor("turned", single (gaussian angle (key.Derive "turned") 128))
                        )

                    batchOf sample null

                let state = train game 2500L draw
                let x = single (gaussian 0.0 (root.Derive "test") 20000)
                let none = torch.zeros ([| 20000L; 0L |], torch.ScalarType.Float32)
                let there = generate game state "flat_to_turned" none (points x)
                let back = generate game state "turned_to_flat" none there
                let expected = covariance (single (gaussian angle (root.Derive "expected") 20000))
                // Any map that takes one Gaussian to the other is one rotation of the whitened plane away from this one.
                let off = worst (covariance there.Single - expected)
                let back = value ((back.Single - x).square().mean())
                Expect.holds (off < 0.15 && back < 0.02) $"the covariance is {off} off, there and back again {back}"

            testCase "BiGAN's encoder inverts a linear generator"
            <| fun () ->
                let latents = LatentPrior.Normal 2

                let config =
                    AdversarialConfig(Penalties = [ R1(Gamma = 0.1); R2(Gamma = 0.1) ], BatchSize = 128).WithOptimizers
                        optimizer

                let game =
                    BidirectionalGame.Create(
                        linear latents plane ConditionConfig.None,
                        linear (LatentPrior.None()) (Space.Vector(2, ValueRange.Unbounded)) (given plane),
                        Mlp.Discriminator(InferredPairs.Pairs(plane, latents), MlpConfig(Widths = [ 64; 64 ])),
                        config
                    )

                let draw (key: RandomKey) =
                    batchOf (points (single (gaussian 0.7 key 128))) null

                let state = train game 3000L draw
                let z = root.Derive("test").Normal(torch.ScalarType.Float32, 5000, 2)
                let made = generate game state "generator" z null
                let none = torch.zeros ([| 5000L; 0L |], torch.ScalarType.Float32)
                let inferred = generate game state "encoder" none made
                let expected = covariance (single (gaussian 0.7 (root.Derive "expected") 20000))
                let off = worst (covariance made.Single - expected)
                let apart = value ((inferred.Single - z).square().mean())

                Expect.holds
                    (off < 0.2 && apart < 0.1)
                    $"the covariance is {off} off, latents are {apart} from their codes"

            testList
                "a conditional GAN puts each class at its place"
                [
                    for by in [ Conditioning.Concatenate; Conditioning.Normalize ] do
                        for judged in [ Conditioning.Concatenate; Conditioning.Project ] ->
                            testCase $"generator by {by}, discriminator by {judged}"
                            <| fun () ->
                                let ring = Mixture.Ring(4, 1.0, 0.1)
                                let classes = Space.Label 4

                                let on by =
                                    ConditionConfig(By = by, Space = classes, Embedding = 8)

                                let config =
                                    AdversarialConfig(
                                        Condition = classes,
                                        Penalties = [ R1(Gamma = 0.1); R2(Gamma = 0.1) ],
                                        GeneratorAveraging = Averaging(Decay = 0.99),
                                        BatchSize = 128
                                    )
                                        .WithOptimizers
                                        optimizer

                                let generator =
                                    Mlp.Generator(
                                        LatentPrior.Normal 2,
                                        plane,
                                        MlpConfig(Widths = [ 32; 32 ], Activation = Relu(), Condition = on by)
                                    )

                                let discriminator =
                                    Mlp.Discriminator(plane, MlpConfig(Widths = [ 64; 64 ], Condition = on judged))

                                let game = AdversarialGame.Create(generator, discriminator, config)

                                let draw (key: RandomKey) =
                                    batchOf
                                        (points (single (ring.Draw(key, 128))))
                                        (Sample(NamedTensor("label", ring.DrawModes(key, 128))))

                                let state = train game 1500L draw
                                let labels = torch.arange (400L) % torch.tensor 4L
                                let z = root.Derive("test").Normal(torch.ScalarType.Float32, 400, 2)

                                let made = generate game state "generator" z (Sample(NamedTensor("label", labels)))

                                let centers = elements (made.Single.reshape(100L, 4L, 2L).mean [| 0L |])

                                for mode in 0..3 do
                                    for d in 0..1 do
                                        Expect.within 0.3 ring.Centers[mode].[d] centers[2 * mode + d]
                ]

            testCase "a product of two vector spaces trains jointly, as one"
            <| fun () ->
                // The second part is the first one's double.
                let space =
                    Space.Product(
                        Space.Factor("one", Space.Vector(1, ValueRange.Unbounded)),
                        Space.Factor("two", Space.Vector(1, ValueRange.Unbounded))
                    )

                let config =
                    AdversarialConfig(Penalties = [ R1(Gamma = 0.1); R2(Gamma = 0.1) ], BatchSize = 128).WithOptimizers
                        optimizer

                let game =
                    AdversarialGame.Create(
                        Mlp.Generator(LatentPrior.Normal 2, space, MlpConfig(Widths = [ 32 ])),
                        Mlp.Discriminator(space, MlpConfig(Widths = [ 32; 32 ])),
                        config
                    )

                let draw (key: RandomKey) =
                    let one = key.Normal(torch.ScalarType.Float32, 128, 1)
                    batchOf (Sample(NamedTensor("one", one), NamedTensor("two", one + one))) null

                let state = train game 1000L draw
                let z = root.Derive("test").Normal(torch.ScalarType.Float32, 2000, 2)
                let made = generate game state "generator" z null
                let off = made["two"] - made["one"] - made["one"]
                Expect.holds (value (off.square().mean()) < 0.15) $"{value (off.square().mean())}"
                Expect.holds (value (made["one"].square().mean()) > 0.5) "it has not collapsed"

            testCase "the discriminator judges each point once a turn, whatever R1 and R2 ask"
            <| fun () ->
                let mutable judged = 0

                let counting (inner: IDiscriminator) =
                    { new IDiscriminator with
                        member _.Space = inner.Space
                        member _.MixesSamples = inner.MixesSamples
                        member _.Init(key, dtype) = inner.Init(key, dtype)

                        member _.Discriminate(state, sample, condition, mode, key) =
                            judged <- judged + sample.BatchSize
                            inner.Discriminate(state, sample, condition, mode, key)
                    }

                let calls (penalties: IPenalty list) =
                    let config =
                        AdversarialConfig(Loss = RelativisticPaired(), Penalties = penalties, BatchSize = 32)

                    let game =
                        AdversarialGame.Create(
                            Mlp.Generator(LatentPrior.Normal 2, plane, MlpConfig(Widths = [ 4 ])),
                            counting (Mlp.Discriminator(plane, MlpConfig(Widths = [ 4 ]))),
                            config
                        )

                    judged <- 0
                    let turn = Game(game.Players, [ game.Turns[0] ], game.Rule, game.Dtype)
                    let real = (gaussian 0.0 root 32).to_type torch.ScalarType.Float32
                    Step.Run(turn, turn.Init root, [ batchOf (points real) null ]) |> ignore
                    judged

                Expect.equal 64 (calls [])
                Expect.equal 64 (calls [ R1(Gamma = 1.0); R2(Gamma = 1.0) ])
                Expect.equal 64 (calls [ R1(Gamma = 1.0) ])
                // Points of its own cost a pass of their own.
                Expect.equal 96 (calls [ WassersteinGradientPenalty() ])

            testCase "parts that do not fit are refused by the part that should change"
            <| fun () ->
                let part make =
                    (Expect.failure<RefusedException>(fun () -> make () |> ignore)).Part

                let config = AdversarialConfig(BatchSize = 8)
                let generator = linear (LatentPrior.Normal 2) plane ConditionConfig.None

                let discriminator space =
                    Mlp.Discriminator(space, MlpConfig(Widths = [ 4 ]))

                let line = Space.Vector(1, ValueRange.Unbounded)

                Expect.equal
                    GamePart.Discriminator
                    (part (fun () -> AdversarialGame.Create(generator, discriminator line, config)))

                let conditioned = linear (LatentPrior.Normal 2) plane (given (Space.Label 3))

                Expect.equal
                    GamePart.Generator
                    (part (fun () -> AdversarialGame.Create(conditioned, discriminator plane, config)))

                Expect.equal
                    GamePart.Generator
                    (part (fun () ->
                        AdversarialGame.Create(conditioned, discriminator plane, config.WithCondition(Space.Label 4))))

                Expect.equal
                    GamePart.Data
                    (part (fun () ->
                        AdversarialGame.Create(
                            generator,
                            Mlp.Discriminator(plane, MlpConfig(Widths = [ 4 ], Head = DiscriminatorHead(Outputs = 4))),
                            config.WithLoss(MultiHinge())
                        )))

                let pairs = InferredPairs.Pairs(plane, LatentPrior.Normal 2)
                let encoder = linear (LatentPrior.None()) plane (given plane)

                Expect.equal
                    GamePart.Loss
                    (part (fun () ->
                        BidirectionalGame.Create(generator, encoder, discriminator pairs, config.WithLoss(Fisher()))))

                Expect.equal
                    GamePart.Encoder
                    (part (fun () -> BidirectionalGame.Create(generator, generator, discriminator pairs, config)))

                let packed = PackedDiscriminator(3, plane, fun packs -> discriminator packs)

                Expect.equal GamePart.Discriminator (part (fun () -> AdversarialGame.Create(generator, packed, config)))

                Expect.equal
                    GamePart.Rule
                    (part (fun () ->
                        AdversarialGame.Create(
                            generator,
                            discriminator plane,
                            AdversarialConfig(Rule = Simultaneous(), DiscriminatorSteps = 2)
                        )))
        ]
