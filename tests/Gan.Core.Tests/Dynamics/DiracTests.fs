/// The Dirac-GAN: the library's own step, differentiated at the equilibrium, has the closed-form spectra.
/// A generator of one number theta against a discriminator psi x, all data at zero; f(t) = -log(1 + e^-t), f'(0) = 1/2.
module Gan.Core.Tests.DiracTests

open System.Numerics
open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing

let private space = Space.Vector(1, ValueRange.Unbounded)
let private count = 2

let private one path =
    LayerState(
        ParameterTree.FromTensors [ NamedTensor(path, torch.zeros ([| 1L; 1L |], torch.ScalarType.Float64)) ],
        ParameterTree.Empty
    )

/// G(z) = theta + noise, the noise in two points of one second moment, or none.
let private generator (sigma: float) =
    { new IGenerator with
        member _.Space = space
        member _.MixesSamples = false
        member _.Latents = LatentPrior.Normal 1
        member _.Init(_, _) = one "theta"

        member _.Generate(state, latents, _, _, _) =
            let noise = Tensors.float64 [ 2; 1 ] [ sigma; -sigma ]
            let points = state.Weights["theta"].expand(latents.size 0, 1L) + noise
            GeneratorResult(Sample(NamedTensor("vector", points)), state.Buffers)
    }

let private discriminator =
    { new IDiscriminator with
        member _.Space = space
        member _.MixesSamples = false
        member _.Init(_, _) = one "psi"

        member _.Discriminate(state, sample, _, _, _) =
            DiscriminatorResult(DiscriminatorOutput((sample.Single * state.Weights["psi"]).view -1L), state.Buffers)
    }

let private batch (sigma: float) =
    let points = Tensors.float64 [ 2; 1 ] [ sigma; -sigma ]
    Batch(Sample(NamedTensor("vector", points)), null, torch.arange (int64 count, torch.ScalarType.Int64))

/// How a game differs from plain simultaneous gradient descent of step 0.2 on the non-saturating loss.
type private Setting =
    {
        Loss: IAdversarialLoss
        Penalties: IPenalty list
        Constraints: IConstraint list
        Rule: IUpdateRule
        Rate: float
        Transforms: IGradientTransform list
        Sigma: float
        /// Turns of the generator and of the discriminator in a step.
        Turns: int * int
    }

let private plain =
    {
        Loss = NonSaturating()
        Penalties = []
        Constraints = []
        Rule = Simultaneous()
        Rate = 0.2
        Transforms = []
        Sigma = 0.0
        Turns = 1, 1
    }

/// The game with the generator's turn first, as the closed forms and the trajectories have it.
let private game setting =
    let optimizer =
        Chain(List.toArray (setting.Transforms @ [ ScaleByLearningRate(Constant setting.Rate) ]))

    let config =
        AdversarialConfig(
            Loss = setting.Loss,
            Penalties = setting.Penalties,
            DiscriminatorConstraints = setting.Constraints,
            BatchSize = count,
            GeneratorSteps = fst setting.Turns,
            DiscriminatorSteps = snd setting.Turns,
            Dtype = torch.ScalarType.Float64
        )
            .WithOptimizers
            optimizer

    let made = AdversarialGame.Create(generator setting.Sigma, discriminator, config)
    Game(made.Players, Seq.rev made.Turns, setting.Rule, made.Dtype)

let private batches setting (game: Game) =
    [ for _ in 1 .. game.BatchesPerStep -> batch setting.Sigma ]

/// The eigenvalues of some steps at the equilibrium.
let private spectrum steps setting =
    use _ = torch.NewDisposeScope()
    let game = game setting
    let state = game.Init(RandomKey.FromSeed 1L)
    List.ofSeq (Spectrum.Of(StepOperator.Jacobian(game, state, batches setting game, steps, 1e-5)))

/// Fails unless each expected value is one of the found ones, and as many.
let private requireSame (found: Complex list) (expected: Complex list) what =
    let rec pair found expected =
        match expected with
        | [] -> ()
        | wanted :: rest ->
            match found |> List.sortBy (fun value -> Complex.Abs(value - wanted)) with
            | nearest :: others when Complex.Abs(nearest - wanted) <= 1e-6 -> pair others rest
            | _ -> failwith $"{what}: no eigenvalue {wanted} among {found}"

    if found.Length <> expected.Length then
        failwith $"{what}: {found.Length} eigenvalues, expected {expected.Length}: {found}"

    pair found expected

let private complex re im = Complex(re, im)
let private root (value: float) = Complex.Sqrt(Complex(value, 0.0))
let private step h (lambda: Complex) = Complex.One + Complex(h, 0.0) * lambda

/// Both roots of m^2 + b m + c.
let private roots (b: Complex) (c: Complex) =
    let half = Complex.Sqrt(b * b - 4.0 * c)
    [ (-b + half) / 2.0; (-b - half) / 2.0 ]

/// The field's eigenvalues at penalty gamma, -g/2 +- sqrt(g^2/4 + product), with product = l_f'(0) l_g'(0).
let private field gamma product =
    let middle, apart = complex (-gamma / 2.0) 0.0, root (gamma * gamma / 4.0 + product)
    [ middle + apart; middle - apart ]

let private vanilla = field 0.0 -0.25

/// Losses with the product of their slopes at zero, as functions of the logit of a generated point.
let private slopes: (string * IAdversarialLoss * float) list =
    [
        "non-saturating", NonSaturating(), -0.25
        "minimax", Minimax(), -0.25
        "relativistic paired", RelativisticPaired(), -0.25
        "Wasserstein", Wasserstein(), -1.0
        "hinge", Hinge(), -1.0
        "least squares (-1, 1, 1)", LeastSquares(FakeTarget = -1.0), -1.0
        "least squares (0, 1, 1)", LeastSquares(), 0.0
        "least squares (-1, 1, 0)", LeastSquares(FakeTarget = -1.0, GeneratorTarget = 0.0), 0.0
        "paired least squares", RelativisticPaired(Comparison = Comparison.LeastSquares), -4.0
        "paired hinge", RelativisticPaired(Comparison = Comparison.Hinge), -1.0
        "relativistic average", RelativisticAverage(), -1.0
        "average least squares", RelativisticAverage(Comparison = Comparison.LeastSquares), -16.0
        "average hinge", RelativisticAverage(Comparison = Comparison.Hinge), -4.0
        // An f-divergence's game is zero-sum: the product is minus the square of the slope of f*(g(v)) at zero.
        "Kullback-Leibler", KullbackLeibler(), -(exp -2.0)
        "reverse Kullback-Leibler", ReverseKullbackLeibler(), -1.0
        "Pearson", PearsonChiSquared(), -1.0
        "Neyman", NeymanChiSquared(), -1.0
        "squared Hellinger", SquaredHellinger(), -1.0
        "Jensen-Shannon", JensenShannon(), -0.25
        "total variation", TotalVariation(), -0.25
        "alpha 1/2", AlphaDivergence(Alpha = 0.5), -((2.0 / (log 2.0 * log 2.0)) ** 2.0)
        "one-sided label smoothing", LabelSmoothing(Inner = NonSaturating()), -0.25
        "top-k", TopK(Inner = NonSaturating(), Fraction = Constant 0.5), -0.25
        "non-saturating Pearson", PearsonChiSquared(NonSaturating = true), -1.0
        "non-saturating Jensen-Shannon", JensenShannon(NonSaturating = true), -0.25
    ]

/// Rules with their operator on a field's eigenvalue at step h.
let private rules: (string * (float -> IUpdateRule) * (float -> Complex -> Complex)) list =
    let one = Complex.One

    [
        "extragradient", (fun _ -> Extragradient()), (fun h l -> let z = h * l in one + z + z * z)
        "RK2", (fun _ -> RungeKutta(Order = 2)), (fun h l -> let z = h * l in one + z + z * z / 2.0)
        "RK4",
        (fun _ -> RungeKutta(Order = 4)),
        (fun h l ->
            let z = h * l
            one + z + z * z / 2.0 + z * z * z / 6.0 + z * z * z * z / 24.0)
        "consensus",
        (fun _ -> Consensus(Coefficient = 1.0)),
        (fun h l -> one + h * (l - 1.0 * Complex(l.Imaginary * l.Imaginary, 0.0)))
        "symplectic adjustment",
        (fun _ -> SymplecticGradientAdjustment(Coefficient = 0.7)),
        (fun h l -> one + h * (l - 0.7 * Complex(l.Imaginary * l.Imaginary, 0.0)))
        "competitive gradient",
        (fun h -> CompetitiveGradientDescent(LearningRate = h, Tolerance = 1e-12)),
        (fun h l -> (one + h * l) / (one + h * h * l.Imaginary * l.Imaginary))
    ]

let private spectra =
    testList
        "spectra"
        [
            testCase "a softened label mixes the two slopes of the discriminator's cost"
            <| fun () ->
                // On generated points 0.9 / 2 - 0.1 / 2, against the generator's 1/2.
                let smooth = LabelSmoothing(Inner = NonSaturating(), Fake = 0.1)
                let expected = field 0.3 -0.2 |> List.map (step 0.2)

                requireSame
                    (spectrum
                        1
                        { plain with
                            Loss = smooth
                            Penalties = [ R1(Gamma = 0.3) ]
                        })
                    expected
                    "smoothing"

            testCase "simultaneous steps have the spectrum of the field, for every loss, with R1 or R2"
            <| fun () ->
                for name, loss, product in slopes do
                    for gamma in [ 0.0; 0.3; 1.0; 2.0 ] do
                        for h in [ 0.05; 0.2; 0.5 ] do
                            for penalties in [ [ R1(Gamma = gamma) :> IPenalty ]; [ R2(Gamma = gamma) ] ] do
                                // Least squares and hinge bend: their discriminator has a curvature at zero only in data, which is at zero.
                                let setting =
                                    { plain with
                                        Loss = loss
                                        Penalties = penalties
                                        Rate = h
                                    }

                                let expected = field gamma product |> List.map (step h)
                                requireSame (spectrum 1 setting) expected $"{name}, gamma {gamma}, h {h}"

            testCase "the printed numbers of R1 are those of the step"
            <| fun () ->
                let steps setting gamma =
                    spectrum
                        1
                        { setting with
                            Penalties = [ R1(Gamma = gamma) ]
                        }

                let alternating = { plain with Rule = Alternating() }

                requireSame
                    (steps plain 0.3)
                    [ for sign in [ 1.0; -1.0 ] -> step 0.2 (complex -0.15 (sign * 0.4769696007)) ]
                    "R1 0.3"

                Expect.within 1e-6 0.9746794 (Complex.Abs (steps plain 0.3).Head)
                Expect.within 1e-6 0.9695360 (Complex.Abs (steps alternating 0.3).Head)
                Expect.within 1e-4 0.9 (Complex.Abs (steps plain 1.0).Head)

                requireSame
                    (steps alternating 1.0)
                    [ complex 0.92701562 0.0; complex 0.86298438 0.0 ]
                    "R1 1, alternating"

                requireSame (steps plain 2.0) [ for l in [ -0.1339746; -1.8660254 ] -> step 0.2 (complex l 0.0) ] "R1 2"

            testCase "R1 and R2 together count twice"
            <| fun () ->
                for gamma in [ 0.1; 0.3; 1.0 ] do
                    let setting =
                        { plain with
                            Penalties = [ R1(Gamma = gamma); R2(Gamma = gamma) ]
                        }

                    requireSame
                        (spectrum 1 setting)
                        (field (2.0 * gamma) -0.25 |> List.map (step 0.2))
                        $"R1 + R2 {gamma}"

            testCase "alternating turns have the closed form, at every ratio and step"
            <| fun () ->
                for turnsG, turnsD in [ 1, 1; 1, 5; 2, 3; 3, 1 ] do
                    for h in [ 0.1; 0.2; 0.8; 4.2 ] do
                        let setting =
                            { plain with
                                Rule = Alternating()
                                Rate = h
                                Turns = turnsG, turnsD
                            }

                        let a2 = float (turnsG * turnsD) * h * h * 0.25
                        let middle = 1.0 - a2 / 2.0
                        let apart = root (middle * middle - 1.0)
                        let expected = [ complex middle 0.0 + apart; complex middle 0.0 - apart ]
                        requireSame (spectrum 1 setting) expected $"alternating {turnsG}:{turnsD}, h {h}"

            testCase "alternating turns with R1 have trace 2 - h g - h^2 f'^2 and determinant 1 - h g"
            <| fun () ->
                for gamma in [ 0.3; 1.0; 2.0 ] do
                    for h in [ 0.1; 0.2; 0.5 ] do
                        let setting =
                            { plain with
                                Rule = Alternating()
                                Rate = h
                                Penalties = [ R1(Gamma = gamma) ]
                            }

                        let expected =
                            roots (complex (-(2.0 - h * gamma - h * h * 0.25)) 0.0) (complex (1.0 - h * gamma) 0.0)

                        requireSame (spectrum 1 setting) expected $"alternating R1 {gamma}, h {h}"

            testCase "instance noise has its closed form, and turns real at sigma^2 = 2"
            <| fun () ->
                for sigma in [ 0.3; 0.7; 1.0; 1.2; 1.7; 2.0 ] do
                    let bend = -0.25 * sigma * sigma
                    let apart = root (bend * bend - 0.25)
                    let expected = [ complex bend 0.0 + apart; complex bend 0.0 - apart ]
                    let found = spectrum 1 { plain with Sigma = sigma }
                    requireSame found (expected |> List.map (step 0.2)) $"instance noise {sigma}"
                    let real = found |> List.forall (fun value -> abs value.Imaginary < 1e-9)
                    Expect.equal (sigma * sigma > 2.0) real

                // At the critical noise the two meet; a double eigenvalue moves with the root of the differences' error.
                for value in spectrum 1 { plain with Sigma = sqrt 2.0 } do
                    Expect.within 1e-3 0.0 (Complex.Abs(value - complex 0.9 0.0))

            testCase "rules have the spectra of their polynomials, for every loss"
            <| fun () ->
                for name, rule, operator in rules do
                    for lossName, loss, product in slopes do
                        // Consensus and the adjustment take H apart; their closed forms are of fields that only circle.
                        if
                            product < 0.0
                            || not (List.contains name [ "consensus"; "symplectic adjustment" ])
                        then
                            for h in [ 0.1; 0.2; 0.5 ] do
                                let setting =
                                    { plain with
                                        Loss = loss
                                        Rule = rule h
                                        Rate = h
                                    }

                                requireSame
                                    (spectrum 1 setting)
                                    (field 0.0 product |> List.map (operator h))
                                    $"{name}, {lossName}, h {h}"

            testCase "first-order rules have the spectra of their polynomials with penalties, too"
            <| fun () ->
                for name, rule, operator in List.take 3 rules do
                    for gamma in [ 0.3; 2.0 ] do
                        let setting =
                            { plain with
                                Rule = rule 0.2
                                Penalties = [ R1(Gamma = gamma) ]
                            }

                        requireSame
                            (spectrum 1 setting)
                            (field gamma -0.25 |> List.map (operator 0.2))
                            $"{name}, R1 {gamma}"

            testCase "momentum, optimism and lookahead have theirs on the augmented state"
            <| fun () ->
                for h in [ 0.1; 0.2; 0.4 ] do
                    for momentum in [ -0.5; -0.1; 0.3; 0.9 ] do
                        let setting =
                            { plain with
                                Rate = h
                                Transforms = [ Trace(Decay = momentum) ]
                            }

                        let expected =
                            vanilla
                            |> List.collect (fun l -> roots -(1.0 + momentum + h * l) (complex momentum 0.0))

                        requireSame (spectrum 1 setting) expected $"momentum {momentum}, h {h}"

                    let optimistic =
                        { plain with
                            Rate = h
                            Transforms = [ OptimisticGradient() ]
                        }

                    let expected = vanilla |> List.collect (fun l -> roots -(1.0 + 2.0 * h * l) (h * l))

                    requireSame (spectrum 1 optimistic) expected $"OGDA, h {h}"

                    for period, alpha in [ 1, 0.5; 5, 0.5; 3, 0.2 ] do
                        let setting =
                            { plain with
                                Rate = h
                                Rule = Lookahead(Inner = Simultaneous(), Period = period, Alpha = alpha)
                            }

                        let expected =
                            [
                                for l in vanilla -> 1.0 - alpha + alpha * Complex.Pow(1.0 + h * l, float period)
                                // The fast weights are forgotten at the end of a period.
                                yield! [ Complex.Zero; Complex.Zero ]
                            ]

                        requireSame (spectrum period setting) expected $"lookahead {period}, {alpha}, h {h}"
        ]

/// The state after 500 steps from (1, 1) in the closed forms' convention, where the discriminator's logit is high on generated
/// points: (1, -1) here, and the second number changes sign on the way back.
let private after steps setting =
    use _ = torch.NewDisposeScope()
    let game = game setting
    let start = StepOperator.WithVector(game.Init(RandomKey.FromSeed 1L), [ 1.0; -1.0 ])
    let mutable state = start

    for _ in 1..steps do
        state <- Step.Run(game, state, batches setting game).State

    match List.ofSeq (StepOperator.ToVector state) with
    | [ theta; psi ] -> theta, -psi
    | other -> failwith $"a state of two numbers, got {other}"

let private requirePoint (x, y) (actualX, actualY) =
    Expect.within 1e-6 x actualX
    Expect.within 1e-6 y actualY

let private radius (x: float, y: float) = sqrt (x * x + y * y)

let private trajectories =
    testList
        "trajectories"
        [
            testCase "golden trajectories"
            <| fun () ->
                let minimax = { plain with Loss = Minimax() }

                let alternating turns setting =
                    { setting with
                        Rule = Alternating()
                        Turns = turns
                    }

                requirePoint (-2.1616113, -2.2177754) (after 500 minimax)
                requirePoint (0.6868337, 1.2440073) (after 500 (alternating (1, 1) minimax))
                requirePoint (0.7688565, 1.6774666) (after 500 (alternating (1, 5) minimax))
                requirePoint (0.5483373, 0.3304411) (after 500 plain)
                requirePoint (0.2048885, 0.1965533) (after 500 (alternating (1, 1) plain))

            testCase "golden radii"
            <| fun () ->
                let minimax = { plain with Loss = Minimax() }

                let penalized gamma =
                    { minimax with
                        Penalties = [ R1(Gamma = gamma) ]
                    }

                let alternating setting = { setting with Rule = Alternating() }

                let near expected actual =
                    Expect.within (1e-4 * expected) expected actual

                near 2.6427e-6 (radius (after 500 (penalized 0.3)))
                near 2.3009e-7 (radius (after 500 (alternating (penalized 0.3))))
                Expect.within 1e-3 1.0 (radius (after 500 (penalized 1.0)) / 9.53e-22)

            testCase "the Wasserstein game with clipping circles on, and with a gradient penalty does not settle"
            <| fun () ->
                let clipped =
                    { plain with
                        Loss = Wasserstein()
                        Constraints = [ WeightClipping(Bound = 1.0) ]
                    }

                requirePoint (-0.0656408, 1.0) (after 500 clipped)

                let penalized rule =
                    { plain with
                        Loss = Wasserstein()
                        // The trajectory's penalty is 0.7/2 (|psi| - 1)^2.
                        Penalties = [ WassersteinGradientPenalty(Coefficient = 0.35) ]
                        Rule = rule
                    }

                Expect.within 5e-3 1.80 (radius (after 500 (penalized (Simultaneous()))))
                Expect.within 5e-3 1.22 (radius (after 500 (penalized (Alternating()))))

            testCase "R1's eigenvalues have the square that a published lemma leaves out"
            <| fun () ->
                // Huang et al. 2024, equation 12 of lemma B.4, prints sqrt(g^2/4 - f'(0)) for sqrt(g^2/4 - f'(0)^2).
                let found =
                    spectrum
                        1
                        { plain with
                            Penalties = [ R1(Gamma = 1.2) ]
                        }
                    |> List.map (fun value -> (value - Complex.One) / Complex(0.2, 0.0))

                requireSame found (field 1.2 -0.25) "with the square"

                let printed = root (0.36 - 0.5)
                Expect.holds (found |> List.forall (fun l -> Complex.Abs(l - (-0.6 + printed)) > 1e-2)) "as printed"

            testCase "the non-saturating game does not leave in 500 steps, though its spectrum is outside"
            <| fun () ->
                Expect.holds (Complex.Abs (spectrum 1 plain).Head > 1.0) "inside"
                Expect.holds (radius (after 500 plain) < radius (1.0, 1.0)) "it left"
        ]

let tests = testList "Dirac-GAN" [ spectra; trajectories ]
