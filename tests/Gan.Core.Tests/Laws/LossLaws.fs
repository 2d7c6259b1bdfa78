module Gan.Core.Tests.LossLaws

open NUnit.Framework
open Gan.Core
open Gan.Torch
open Gan.Experiments
open Gan.Testing
open Gan.Testing.Tensors

/// Every loss, by the name that specs use.
type Source() =
    static member Names = [ for entry in LossCatalog.Losses.Entries -> entry.Name ]

let private loss name =
    let spec = SpecDocument.Parse("test", $"loss: {name}")
    SpecReader.Of(spec).Choice("loss", LossCatalog.Losses)

let private key = RandomKey.FromSeed 11L

let private draw name =
    key.Derive(name: string).Normal(torch.ScalarType.Float64, 6)

let private real, fake = draw "real", draw "fake"
let private output (logits: Tensor) = CriticOutput logits

/// Both sides of a loss, by name.
let private sides (loss: IAdversarialLoss) =
    [
        "critic", (fun (r: Tensor) (f: Tensor) -> loss.Critic(output r, output f))
        "generator", (fun r f -> loss.Generator(output r, output f))
    ]

[<TestCaseSource(typeof<Source>, "Names")>]
let ``values and slopes are those of the reference`` (name: string) =
    let reference = Reference.losses[name]
    let directions = draw "toward real", draw "toward fake"

    let dual (v: Tensor) (d: Tensor) =
        List.map2 (fun v d -> { Value = v; Slope = d }) (List.ofArray (elements v)) (List.ofArray (elements d))

    let realDual, fakeDual = dual real (fst directions), dual fake (snd directions)

    for (side, f), expected in
        List.zip (sides (loss name)) [ reference.Critic realDual fakeDual; reference.Generator realDual fakeDual ] do
        let r, f' = real.detach().requires_grad_(), fake.detach().requires_grad_()
        let value' = f r f'

        let gradients =
            EngineDifferences.Gradients(value', [| r; f' |], createGraph = false)

        let slope =
            value ((gradients[0] * fst directions).sum() + (gradients[1] * snd directions).sum())

        Expect.within 1e-12 expected.Value (value value')
        Expect.within 1e-12 expected.Slope slope
        ignore side

[<TestCaseSource(typeof<Source>, "Names")>]
let ``derivatives of orders 1, 2 and 3 agree with central differences`` (name: string) =
    for side, f in sides (loss name) do
        Derivatives.requireDerivatives 3 1e-6 (fun points -> f points[0] points[1]) [ real; fake ] $"{name}, {side}"

[<TestCaseSource(typeof<Source>, "Names")>]
let ``the order of a batch does not matter`` (name: string) =
    let order = torch.tensor [| 3L; 0L; 5L; 1L; 4L; 2L |]

    for _, f in sides (loss name) do
        Expect.within
            1e-12
            (value (f real fake))
            (value (f (real.index_select (0, order)) (fake.index_select (0, order))))

[<TestCaseSource(typeof<Source>, "Names")>]
let ``a better fake never raises the generator's loss nor lowers the critic's`` (name: string) =
    // Least squares turns back beyond its targets; within them it is monotone too.
    let scale = Scalar.op_Implicit (if name = "least_squares" then 0.1 else 1.0)
    let gain = Scalar.op_Implicit 0.3
    let real, fake = real * scale, fake * scale
    let loss = loss name

    Expect.holds
        (value (loss.Generator(output real, output (fake + gain)))
         <= value (loss.Generator(output real, output fake)) + 1e-12)
        "generator"

    Expect.holds
        (value (loss.Critic(output real, output (fake.abs () + gain)))
         >= value (loss.Critic(output real, output (fake.abs ()))) - 1e-12)
        "critic"

[<TestCase("wasserstein")>]
[<TestCase("relativistic_paired")>]
[<TestCase("relativistic_average")>]
let ``losses of differences do not see a shift of the critic`` (name: string) =
    let shift = Scalar.op_Implicit 2.5
    let loss = loss name

    Expect.within
        1e-12
        (value (loss.Critic(output real, output fake)))
        (value (loss.Critic(output (real + shift), output (fake + shift))))

[<TestCaseSource(typeof<Source>, "Names")>]
let ``a loss says truly whether the generator reads real points`` (name: string) =
    let loss = loss name
    let moved = loss.Generator(output (real + Scalar.op_Implicit 1.0), output fake)
    Expect.equal loss.GeneratorReadsReal (value moved <> value (loss.Generator(output real, output fake)))

[<Test>]
let ``at a critic that cannot tell, the logistic losses are at their known values`` () =
    let zero = output (torch.zeros ([| 4L |], torch.ScalarType.Float64))
    Expect.within 1e-12 (2.0 * log 2.0) (value (NonSaturating().Critic(zero, zero)))
    Expect.within 1e-12 (log 2.0) (value (NonSaturating().Generator(zero, zero)))
    Expect.within 1e-12 (-(log 2.0)) (value (Minimax().Generator(zero, zero)))
    Expect.within 1e-12 2.0 (value (Hinge().Critic(zero, zero)))
    Expect.within 1e-12 (log 2.0) (value (RelativisticPaired().Critic(zero, zero)))

[<TestCaseSource(typeof<Source>, "Names")>]
let ``large logits give finite losses`` (name: string) =
    // Divergences whose conjugate grows like an exponential are finite where that is.
    let size =
        if List.contains name [ "kl"; "reverse_kl"; "neyman"; "squared_hellinger"; "alpha" ] then
            30.0
        else
            1e4

    let large = output (float64 [ 2 ] [ size; -size ])

    for _, f in sides (loss name) do
        Expect.holds (System.Double.IsFinite(value (f large.Logits (-large.Logits)))) "not finite"

/// Every f-divergence.
type Divergences() =
    static member Rows: (string * FDivergence) list =
        [
            "Kullback-Leibler", KullbackLeibler()
            "reverse Kullback-Leibler", ReverseKullbackLeibler()
            "Pearson", PearsonChiSquared()
            "Neyman", NeymanChiSquared()
            "squared Hellinger", SquaredHellinger()
            "Jensen-Shannon", JensenShannon()
            "total variation", TotalVariation()
            "alpha 0.3", AlphaDivergence 0.3
            "alpha 0.5", AlphaDivergence 0.5
            "alpha 2", AlphaDivergence 2.0
            "alpha 3", AlphaDivergence 3.0
        ]

    static member Names = List.map fst Divergences.Rows

let private divergence name =
    Divergences.Rows |> List.find (fun (n, _) -> n = name) |> snd

let private logits = [ -6.0 .. 0.25..6.0 ]
let private ratios = [ -5.0 .. 0.125..5.0 ] |> List.map exp
let private vector (values: float list) = float64 [ values.Length ] values

[<TestCaseSource(typeof<Divergences>, "Names")>]
let ``Fenchel and Young: f*(t) + f(u) is at least u t`` (name: string) =
    let divergence = divergence name
    let activated = divergence.Activation(vector logits)

    for t, conjugate in Array.zip (elements activated) (elements (divergence.Conjugate activated)) do
        for u in ratios do
            let gap = conjugate + divergence.Function u - u * t
            Expect.holds (gap >= -1e-9 * (1.0 + abs conjugate)) $"a gap of {gap} at t = {t}, u = {u}"

[<TestCaseSource(typeof<Divergences>, "Names")>]
let ``at the slope of f the two are equal, so that the critic's best loss is the divergence`` (name: string) =
    let divergence = divergence name

    for u in [ 0.3; 0.8; 1.7; 2.5 ] do
        let slope = (divergence.Function(u + 1e-6) - divergence.Function(u - 1e-6)) / 2e-6

        let conjugate = value ((divergence.Conjugate(vector [ slope ])).sum())
        Expect.within 1e-6 (u * slope - divergence.Function u) conjugate

[<TestCaseSource(typeof<Divergences>, "Names")>]
let ``a divergence is zero at equal densities, and its activation grows`` (name: string) =
    let divergence = divergence name
    Expect.within 1e-12 0.0 (divergence.Function 1.0)
    let activated = elements (divergence.Activation(vector logits))
    Expect.holds (Array.pairwise activated |> Array.forall (fun (a, b) -> b > a)) "it does not grow"

[<TestCaseSource(typeof<Divergences>, "Names")>]
let ``the conjugate of the activation is what it says`` (name: string) =
    let divergence = divergence name
    let logits = vector logits

    requireClose
        1e-9
        (elements (divergence.ConjugateOfActivation logits))
        (elements (divergence.Conjugate(divergence.Activation logits)))
        "f*(g(v))"

[<Test>]
let ``alpha-divergences meet their neighbours`` () =
    for u in ratios do
        let near expected actual =
            Expect.within (1e-9 * (1.0 + abs expected)) expected actual

        near (2.0 * SquaredHellinger().Function u) ((AlphaDivergence 0.5).Function u)
        near (0.5 * PearsonChiSquared().Function u) ((AlphaDivergence 2.0).Function u)

[<Test>]
let ``Jensen-Shannon is minimax, shifted`` () =
    let real, fake = output real, output fake

    Expect.within
        1e-12
        (value (Minimax().Critic(real, fake)) - 2.0 * log 2.0)
        (value (JensenShannon().Critic(real, fake)))

[<Test>]
let ``relativistic losses are of the cost that is named`` () =
    let zero = output (torch.zeros ([| 4L |], torch.ScalarType.Float64))

    for cost, at in
        [
            Comparison.Logistic, log 2.0
            Comparison.LeastSquares, 1.0
            Comparison.Hinge, 1.0
        ] do
        Expect.within 1e-12 at (value (RelativisticPaired(Comparison = cost).Critic(zero, zero)))
        Expect.within 1e-12 (2.0 * at) (value (RelativisticAverage(Comparison = cost).Critic(zero, zero)))
