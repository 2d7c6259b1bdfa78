module Gan.Core.Tests.LossLaws

open Expecto
open Gan.Core
open TorchSharp
open Gan.Experiments
open Gan.Testing
open Gan.Testing.Tensors

/// Every loss, by the name that specs use. The multi-class hinge reads more than a logit a point, and has tests of its own.
let private names =
    [ for entry in LossCatalog.Losses.Entries -> entry.Name ]
    |> List.except [ "multi_hinge" ]

/// Those whose logits say by themselves how real a point is. Discrepancies compare whole batches, energies are squares,
/// and the sphere has real points at its south pole.
let private monotonic =
    names |> List.except [ "energy_based"; "began"; "mmd"; "cramer"; "sphere" ]

let private loss name =
    let spec = SpecDocument.Parse("test", $"loss: {name}")
    SpecReader.Of(spec).Choice("loss", LossCatalog.Losses)

let private key = RandomKey.FromSeed 11L

let private draw name =
    key.Derive(name: string).Normal(torch.ScalarType.Float64, 6)

let private real, fake = draw "real", draw "fake"

/// An output whose features and residuals are functions of its logits, so that every loss is one of logits.
let private output (logits: Tensor) =
    DiscriminatorOutput(
        logits,
        Features = torch.stack ([| logits; logits.square () |], 1),
        Residuals = logits.unsqueeze 1
    )

let private input (loss: IAdversarialLoss) real fake =
    LossInput(output real, output fake, State = loss.Init torch.ScalarType.Float64, Key = key)

let private discriminator loss real fake : Tensor =
    (loss: IAdversarialLoss).Discriminator(input loss real fake).Value

let private generator loss real fake : Tensor =
    (loss: IAdversarialLoss).Generator(input loss real fake).Value

/// A loss's state after a turn of the discriminator.
let private stateAfter (loss: IAdversarialLoss) (input: LossInput) : ParameterTree =
    match (loss.Discriminator input).State with
    | null -> input.State
    | state -> state

/// Both sides of a loss, by name.
let private sides loss =
    [ "discriminator", discriminator loss; "generator", generator loss ]

let private laws =
    testList
        "every loss"
        [
            testList
                "values and slopes are those of the reference"
                [
                    for name in names ->
                        testCase name
                        <| fun () ->
                            let reference = Reference.losses[name]
                            let directions = draw "toward real", draw "toward fake"

                            let dual (v: Tensor) (d: Tensor) =
                                List.map2
                                    (fun v d -> { Value = v; Slope = d })
                                    (List.ofArray (elements v))
                                    (List.ofArray (elements d))

                            let realDual, fakeDual = dual real (fst directions), dual fake (snd directions)

                            for (_, f), expected in
                                List.zip
                                    (sides (loss name))
                                    [
                                        reference.Discriminator realDual fakeDual
                                        reference.Generator realDual fakeDual
                                    ] do
                                let r, f' = real.detach().requires_grad_(), fake.detach().requires_grad_()
                                let value' = f r f'

                                let gradients = Gradient.Of(value', [| r; f' |], createGraph = false)

                                let slope =
                                    value (
                                        (gradients[0] * fst directions).sum() + (gradients[1] * snd directions).sum()
                                    )

                                Expect.within 1e-12 expected.Value (value value')
                                Expect.within 1e-12 expected.Slope slope
                ]

            testList
                "derivatives of orders 1, 2 and 3 agree with central differences"
                [
                    for name in names ->
                        testCase name
                        <| fun () ->
                            for side, f in sides (loss name) do
                                Derivatives.requireDerivatives
                                    3
                                    1e-6
                                    (fun points -> f points[0] points[1])
                                    [ real; fake ]
                                    $"{name}, {side}"
                ]

            testList
                "the order of a batch does not matter"
                [
                    for name in names ->
                        testCase name
                        <| fun () ->
                            let order = torch.tensor [| 3L; 0L; 5L; 1L; 4L; 2L |]

                            for _, f in sides (loss name) do
                                Expect.within
                                    1e-12
                                    (value (f real fake))
                                    (value (f (real.index_select (0, order)) (fake.index_select (0, order))))
                ]

            testList
                "a better fake never raises the generator's loss nor lowers the discriminator's"
                [
                    for name in monotonic ->
                        testCase name
                        <| fun () ->
                            // Least squares turns back beyond its targets; within them it is monotone too.
                            let scale = if name = "least_squares" then 0.1 else 1.0
                            let gain = 0.3
                            let real, fake = real.Times scale, fake.Times scale
                            let loss = loss name

                            Expect.holds
                                (value (generator loss real (fake.Plus gain))
                                 <= value (generator loss real fake) + 1e-12)
                                "generator"

                            Expect.holds
                                (value (discriminator loss real (fake.abs().Plus gain))
                                 >= value (discriminator loss real (fake.abs ())) - 1e-12)
                                "discriminator"
                ]

            testList
                "losses of differences do not see a shift of the discriminator"
                [
                    for name in [ "wasserstein"; "relativistic_paired"; "relativistic_average" ] ->
                        testCase name
                        <| fun () ->
                            let shift = 2.5
                            let loss = loss name

                            Expect.within
                                1e-12
                                (value (discriminator loss real fake))
                                (value (discriminator loss (real.Plus shift) (fake.Plus shift)))
                ]

            testList
                "a loss says truly whether the generator reads real points"
                [
                    for name in names ->
                        testCase name
                        <| fun () ->
                            let loss = loss name
                            let moved = generator loss (real.Plus(1.0)) fake
                            Expect.equal loss.GeneratorReadsReal (value moved <> value (generator loss real fake))
                ]

            testCase "at a discriminator that cannot tell, the logistic losses are at their known values"
            <| fun () ->
                let zero = output (torch.zeros ([| 4L |], torch.ScalarType.Float64))
                Expect.within 1e-12 (2.0 * log 2.0) (value (NonSaturating().Discriminator(LossInput(zero, zero)).Value))
                Expect.within 1e-12 (log 2.0) (value (NonSaturating().Generator(LossInput(zero, zero)).Value))
                Expect.within 1e-12 (-(log 2.0)) (value (Minimax().Generator(LossInput(zero, zero)).Value))
                Expect.within 1e-12 2.0 (value (Hinge().Discriminator(LossInput(zero, zero)).Value))
                Expect.within 1e-12 (log 2.0) (value (RelativisticPaired().Discriminator(LossInput(zero, zero)).Value))

            testList
                "large logits give finite losses"
                [
                    for name in names ->
                        testCase name
                        <| fun () ->
                            // Divergences whose conjugate grows like an exponential are finite where that is.
                            let size =
                                if
                                    List.contains name [ "kl"; "reverse_kl"; "neyman"; "squared_hellinger"; "alpha" ]
                                then
                                    30.0
                                else
                                    1e4

                            let large = output (float64 [ 2 ] [ size; -size ])

                            for _, f in sides (loss name) do
                                Expect.holds
                                    (System.Double.IsFinite(value (f large.Logits (-large.Logits))))
                                    "not finite"
                ]
        ]

/// Every f-divergence.
let private divergences: (string * FDivergence) list =
    [
        "Kullback-Leibler", KullbackLeibler()
        "reverse Kullback-Leibler", ReverseKullbackLeibler()
        "Pearson", PearsonChiSquared()
        "Neyman", NeymanChiSquared()
        "squared Hellinger", SquaredHellinger()
        "Jensen-Shannon", JensenShannon()
        "total variation", TotalVariation()
        "alpha 0.3", AlphaDivergence(Alpha = 0.3)
        "alpha 0.5", AlphaDivergence(Alpha = 0.5)
        "alpha 2", AlphaDivergence(Alpha = 2.0)
        "alpha 3", AlphaDivergence(Alpha = 3.0)
    ]

let private logits = [ -6.0 .. 0.25..6.0 ]
let private ratios = [ -5.0 .. 0.125..5.0 ] |> List.map exp
let private vector (values: float list) = float64 [ values.Length ] values

let private ofDivergences =
    testList
        "f-divergences"
        [
            testList
                "Fenchel and Young: f*(t) + f(u) is at least u t"
                [
                    for name, divergence in divergences ->
                        testCase name
                        <| fun () ->
                            let activated = divergence.Activation(vector logits)

                            for t, conjugate in
                                Array.zip (elements activated) (elements (divergence.Conjugate activated)) do
                                for u in ratios do
                                    let gap = conjugate + divergence.Function u - u * t

                                    Expect.holds
                                        (gap >= -1e-9 * (1.0 + abs conjugate))
                                        $"a gap of {gap} at t = {t}, u = {u}"
                ]

            testList
                "at the slope of f the two are equal, so that the discriminator's best loss is the divergence"
                [
                    for name, divergence in divergences ->
                        testCase name
                        <| fun () ->
                            for u in [ 0.3; 0.8; 1.7; 2.5 ] do
                                let slope = (divergence.Function(u + 1e-6) - divergence.Function(u - 1e-6)) / 2e-6

                                let conjugate = value ((divergence.Conjugate(vector [ slope ])).sum())
                                Expect.within 1e-6 (u * slope - divergence.Function u) conjugate
                ]

            testList
                "a divergence is zero at equal densities, and its activation grows"
                [
                    for name, divergence in divergences ->
                        testCase name
                        <| fun () ->
                            Expect.within 1e-12 0.0 (divergence.Function 1.0)
                            let activated = elements (divergence.Activation(vector logits))

                            Expect.holds
                                (Array.pairwise activated |> Array.forall (fun (a, b) -> b > a))
                                "it does not grow"
                ]

            testList
                "the conjugate of the activation is what it says"
                [
                    for name, divergence in divergences ->
                        testCase name
                        <| fun () ->
                            let logits = vector logits

                            requireClose
                                1e-9
                                (elements (divergence.ConjugateOfActivation logits))
                                (elements (divergence.Conjugate(divergence.Activation logits)))
                                "f*(g(v))"
                ]

            testCase "alpha-divergences meet their neighbors"
            <| fun () ->
                for u in ratios do
                    let near expected actual =
                        Expect.within (1e-9 * (1.0 + abs expected)) expected actual

                    near (2.0 * SquaredHellinger().Function u) ((AlphaDivergence(Alpha = 0.5)).Function u)
                    near (0.5 * PearsonChiSquared().Function u) ((AlphaDivergence(Alpha = 2.0)).Function u)
        ]

let private formulas =
    testList
        "formulas of single losses"
        [
            testCase "Jensen-Shannon is minimax, shifted"
            <| fun () ->
                let real, fake = output real, output fake

                Expect.within
                    1e-12
                    (value (Minimax().Discriminator(LossInput(real, fake)).Value) - 2.0 * log 2.0)
                    (value (JensenShannon().Discriminator(LossInput(real, fake)).Value))

            testCase "relativistic losses are of the cost that is named"
            <| fun () ->
                let zero = output (torch.zeros ([| 4L |], torch.ScalarType.Float64))

                for cost, at in
                    [
                        Comparison.Logistic, log 2.0
                        Comparison.LeastSquares, 1.0
                        Comparison.Hinge, 1.0
                    ] do
                    Expect.within
                        1e-12
                        at
                        (value (RelativisticPaired(Comparison = cost).Discriminator(LossInput(zero, zero)).Value))

                    Expect.within
                        1e-12
                        (2.0 * at)
                        (value (RelativisticAverage(Comparison = cost).Discriminator(LossInput(zero, zero)).Value))

            testCase "labels that are not softened or flipped change nothing, and those all flipped are exchanged"
            <| fun () ->
                let inner = Hinge()
                let plain = value (discriminator inner real fake)
                Expect.within 1e-12 plain (value (discriminator (LabelSmoothing(Inner = inner, Real = 0.0)) real fake))

                Expect.within
                    1e-12
                    plain
                    (value (discriminator (LabelFlipping(Inner = inner, Probability = 0.0)) real fake))

                let exchanged = value (discriminator inner fake real)

                Expect.within
                    1e-12
                    exchanged
                    (value (discriminator (LabelSmoothing(Inner = inner, Real = 1.0, Fake = 1.0)) real fake))

                Expect.within
                    1e-12
                    exchanged
                    (value (discriminator (LabelFlipping(Inner = inner, Probability = 1.0)) real fake))

            testCase "flipped labels are smooth ones in the mean"
            <| fun () ->
                let draws = 4000
                let flipping = LabelFlipping(Inner = NonSaturating(), Probability = 0.3)

                let mean =
                    List.init draws (fun i ->
                        value (
                            flipping
                                .Discriminator(LossInput(output real, output fake, Key = key.Derive(int64 i)))
                                .Value
                        ))
                    |> List.average

                Expect.within
                    0.03
                    (value (discriminator (LabelSmoothing(Inner = NonSaturating(), Real = 0.3, Fake = 0.3)) real fake))
                    mean

            testCase "top-k of a fraction of 1 is the inner loss, and a schedule makes the fraction fall"
            <| fun () ->
                let all = TopK(Inner = NonSaturating(), Fraction = Constant 1.0)
                Expect.within 1e-12 (value (generator (NonSaturating()) real fake)) (value (generator all real fake))

                let falling =
                    TopK(Inner = Wasserstein(), Fraction = LinearDecay(From = 1.0, Until = 0.0, Over = 10L))

                let at step =
                    value (falling.Generator(LossInput(output real, output fake, Step = step)).Value)

                // At the end one point is left: the best.
                Expect.within 1e-12 (value (fake.mean().neg())) (at 0L)
                Expect.within 1e-12 -(elements fake |> Array.max) (at 10L)

            testCase "BEGAN's balance follows its formula and stays in [0, 1]"
            <| fun () ->
                let loss: IAdversarialLoss = BoundaryEquilibrium(Diversity = 0.7, Gain = 0.5)

                let at balance (real: Tensor) (fake: Tensor) =
                    LossInput(
                        output real,
                        output fake,
                        State = ParameterTree.FromTensors [ NamedTensor("balance", float64 [] [ balance ]) ]
                    )

                let error (points: Tensor) = elements points |> Array.averageBy abs
                let next = value ((stateAfter loss (at 0.4 real fake))["balance"])
                Expect.within 1e-12 (0.4 + 0.5 * (0.7 * error real - error fake)) next
                Expect.within 1e-12 (error real - 0.4 * error fake) (value (loss.Discriminator(at 0.4 real fake).Value))
                let big = real.Times(100.0)
                Expect.within 1e-12 1.0 (value ((stateAfter loss (at 0.4 big fake))["balance"]))
                Expect.within 1e-12 0.0 (value ((stateAfter loss (at 0.4 fake (big)))["balance"]))

            testCase "Fisher's multiplier grows while the second moment is above 1"
            <| fun () ->
                let loss: IAdversarialLoss = Fisher(Penalty = 0.5)
                let first = input loss real fake
                let moment = (value (real.square().mean()) + value (fake.square().mean())) / 2.0
                let next = stateAfter loss first
                Expect.within 1e-12 (0.5 * (moment - 1.0)) (value next["multiplier"])

                Expect.within
                    1e-12
                    (value (fake.mean ()) - value (real.mean ())
                     + value next["multiplier"] * (moment - 1.0)
                     + 0.25 * (moment - 1.0) ** 2.0)
                    (value (loss.Discriminator(LossInput(output real, output fake, State = next)).Value))

            testCase "codes that all point one way pull apart, orthogonal ones do not"
            <| fun () ->
                let loss: IAdversarialLoss = EnergyBased(Margin = 1.0, PullAway = 1.0)

                let term codes =
                    let flat = torch.zeros ([| 2L; 1L |], torch.ScalarType.Float64)

                    let fake =
                        DiscriminatorOutput(flat.view -1L, Residuals = flat, Features = float64 [ 2; 2 ] codes)

                    value (loss.Generator(LossInput(fake, fake)).Value)

                Expect.within 1e-9 1.0 (term [ 1.0; 2.0; -2.0; -4.0 ])
                Expect.within 1e-9 0.0 (term [ 1.0; 2.0; -2.0; 1.0 ])

            testList
                "the same sample twice is at the least discrepancy, and a shift is above it"
                [
                    for name in [ "mmd"; "cramer" ] ->
                        testCase name
                        <| fun () ->
                            let loss = loss name
                            let many = key.Derive("many").Normal(torch.ScalarType.Float64, 200)
                            let others = key.Derive("others").Normal(torch.ScalarType.Float64, 200)
                            let shifted = others.Plus(1.0)

                            Expect.holds
                                (value (generator loss many shifted) > value (generator loss many others) + 0.1)
                                "a shift is not seen"
                ]

            testCase "a loss that reads what a discriminator does not give says so"
            <| fun () ->
                let bare = DiscriminatorOutput real
                let loss: IAdversarialLoss = EnergyBased(Margin = 1.0)

                let refused =
                    Expect.failure<RefusedException>(fun () -> loss.Generator(LossInput(bare, bare)) |> ignore)

                Expect.equal RefusalReason.NeedsReconstruction refused.Reason
        ]

let private classes =
    float64 [ 3; 3 ] [ 2.0; 0.5; -1.0; 0.3; 0.1; 0.4; -2.0; 1.0; 3.0 ]

let private multiHinge: IAdversarialLoss = MultiHinge()

let private labeled labels logits =
    LossInput(
        DiscriminatorOutput logits,
        DiscriminatorOutput logits,
        Labels = torch.tensor (Array.ofList (labels: int64 list))
    )

let private ofMultiHinge =
    testList
        "the multi-class hinge"
        [
            testCase "the multi-class hinge is its formula"
            <| fun () ->
                // Margins of the labels 0, 1, 0: 1.5, -0.3, -5; of generated points, the last logit's: -3, 0.1, 2.
                let real = (0.0 + 1.3 + 6.0) / 3.0
                let fake = (4.0 + 0.9 + 0.0) / 3.0

                Expect.within
                    1e-12
                    (real + fake)
                    (value (multiHinge.Discriminator(labeled [ 0L; 1L; 0L ] classes).Value))

                Expect.within
                    1e-12
                    ((0.0 + 1.1 + 3.0) / 3.0)
                    (value (multiHinge.Generator(labeled [ 0L; 1L; 0L ] classes).Value))

            testCase
                "the multi-class hinge's derivatives agree with central differences, and the order of a batch does not matter"
            <| fun () ->
                let discriminator (points: Tensor list) =
                    multiHinge.Discriminator(labeled [ 0L; 1L; 0L ] points[0]).Value

                Derivatives.requireDerivatives 2 1e-6 discriminator [ classes ] "multi_hinge, discriminator"

                Derivatives.requireDerivatives
                    2
                    1e-6
                    (fun points -> multiHinge.Generator(labeled [] points[0]).Value)
                    [ classes ]
                    "generator"

                let order = torch.tensor [| 2L; 0L; 1L |]

                Expect.within
                    1e-12
                    (value (discriminator [ classes ]))
                    (value (multiHinge.Discriminator(labeled [ 0L; 0L; 1L ] (classes.index_select (0, order))).Value))

            testCase "the multi-class hinge of one class is the hinge of a difference"
            <| fun () ->
                let margin = real
                let logits = torch.stack ([| real; real.Times(0.0) |], 1)
                let labels = [ for _ in 1..6 -> 0L ]

                Expect.within
                    1e-12
                    (value (discriminator (Hinge()) margin margin))
                    (value (multiHinge.Discriminator(labeled labels logits).Value))

            testCase "the multi-class hinge asks for labels and for a logit a class"
            <| fun () ->
                let bare = DiscriminatorOutput classes

                let refused =
                    Expect.failure<RefusedException>(fun () ->
                        multiHinge.Discriminator(LossInput(bare, bare)) |> ignore)

                Expect.equal RefusalReason.NeedsLabels refused.Reason

                Expect.contains
                    "needs [batch, classes + 1] logits"
                    (Expect.failure<System.ArgumentException>(fun () -> multiHinge.Generator(labeled [] real) |> ignore))
                        .Message
        ]

let tests = testList "Losses" [ laws; ofDivergences; formulas; ofMultiHinge ]
