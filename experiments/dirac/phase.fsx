// Phase diagrams of the Dirac-GAN: the spectral radius of the library's own step over step size and penalty, beside its
// closed form. Blue converges, red diverges, black is where theory has the radius at 1.
//
//     dotnet fsi experiments/dirac/phase.fsx [SIZE] [FOLDER]
#I "../../src/Gan.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "Gan.Core.dll"
#r "Gan.Experiments.dll"

open System
open System.IO
open System.Numerics
open Gan.Core
open TorchSharp
open Gan.Experiments

type Tensor = torch.Tensor

let size, folder =
    match List.ofArray fsi.CommandLineArgs with
    | [ _; size; folder ] -> int size, folder
    | [ _; size ] -> int size, "."
    | _ -> 48, "."

let space = Space.Vector(1, ValueRange.Unbounded)
let float64 = torch.ScalarType.Float64

let number path =
    LayerState(
        ParameterTree.FromTensors [ NamedTensor(path, torch.zeros ([| 1L; 1L |], float64)) ],
        ParameterTree.Empty
    )

/// G(z) = theta.
let generator =
    { new IGenerator with
        member _.Space = space
        member _.MixesSamples = false
        member _.Latents = LatentPrior.Normal 1
        member _.Init(_, _) = number "theta"

        member _.Generate(state, latents, _, _, _) =
            let points = state.Weights["theta"].expand(latents.size 0, 1L)
            GeneratorResult(Sample(NamedTensor("vector", points)), state.Buffers)
    }

/// D(x) = psi x.
let discriminator =
    { new IDiscriminator with
        member _.Space = space
        member _.MixesSamples = false
        member _.Init(_, _) = number "psi"

        member _.Discriminate(state, sample, _, _, _) =
            DiscriminatorResult(DiscriminatorOutput((sample.Single * state.Weights["psi"]).view -1L), state.Buffers)
    }

let batch =
    Batch(
        Sample(NamedTensor("vector", torch.zeros ([| 1L; 1L |], float64))),
        null,
        torch.arange (1L, torch.ScalarType.Int64)
    )

/// The growth per step at the equilibrium, of some steps at once.
let radius steps discriminatorSteps (rule: IUpdateRule) (penalties: IPenalty list) rate =
    use _ = torch.NewDisposeScope()

    let config =
        AdversarialConfig(
            Loss = NonSaturating(),
            Penalties = penalties,
            BatchSize = 1,
            DiscriminatorSteps = discriminatorSteps,
            Dtype = float64
        )
            .WithOptimizers(Chain(ScaleByLearningRate(Constant rate)))

    let made = AdversarialGame.Create(generator, discriminator, config)
    let game = Game(made.Players, Seq.rev made.Turns, rule, made.Dtype)
    let state = game.Init(RandomKey.FromSeed 1L)
    let batches = [ for _ in 1 .. game.BatchesPerStep -> batch ]

    let eigenvalues =
        Spectrum.Of(StepOperator.Jacobian(game, state, batches, steps, 1e-5))

    Complex.Abs eigenvalues[0] ** (1.0 / float steps)

// Theory, for (theta, psi) with f'(0) = 1/2: the generator's turn is theta' = theta + h psi/2, the discriminator's psi' = psi -
// h (theta/2 + gamma psi).
let slope = 0.5

let product (a: float[,]) (b: float[,]) =
    Array2D.init 2 2 (fun i j -> a[i, 0] * b[0, j] + a[i, 1] * b[1, j])

let largest (m: float[,]) =
    let half, determinant =
        (m[0, 0] + m[1, 1]) / 2.0, m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]

    let root = Complex.Sqrt(Complex(half * half - determinant, 0.0))
    max (Complex.Abs(Complex(half, 0.0) + root)) (Complex.Abs(Complex(half, 0.0) - root))

let generatorTurn h =
    array2D [ [ 1.0; h * slope ]; [ 0.0; 1.0 ] ]

let discriminatorTurn h gamma =
    array2D [ [ 1.0; 0.0 ]; [ -h * slope; 1.0 - h * gamma ] ]

let alternating turns h gamma =
    List.replicate turns (discriminatorTurn h gamma)
    |> List.fold (fun state turn -> product turn state) (generatorTurn h)

let simultaneous h gamma =
    array2D [ [ 1.0; h * slope ]; [ -h * slope; 1.0 - h * gamma ] ]

let lazily every h gamma =
    let plain = alternating 1 h 0.0
    let first = alternating 1 h (gamma * float every)

    List.replicate (every - 1) plain
    |> List.fold (fun state turn -> product turn state) first

/// A diagram: its name, the step's own radius and theory's, both of step size and gamma.
let diagrams =
    let r1 gamma : IPenalty list = [ R1(Gamma = gamma) ]

    let lazyR1 every gamma : IPenalty list =
        [ Lazy(Inner = R1(Gamma = gamma), Every = every) ]

    [
        "simultaneous", (fun h g -> radius 1 1 (Simultaneous()) (r1 g) h), (fun h g -> largest (simultaneous h g))
        for turns in [ 1; 2; 5 ] do
            $"alternating-{turns}",
            (fun h g -> radius 1 turns (Alternating()) (r1 g) h),
            (fun h g -> largest (alternating turns h g))
        "lazy-8", (fun h g -> radius 8 1 (Alternating()) (lazyR1 8 g) h), (fun h g -> largest (lazily 8 h g) ** 0.125)
    ]

/// Step sizes across, gammas upward.
let rate i = 2.0 * (float i + 1.0) / float size
let gamma j = 2.0 * float j / float (size - 1)

let color radius =
    let depth = min 1.0 (8.0 * abs (radius - 1.0))
    let faded = byte (255.0 * (1.0 - depth))

    if radius < 1.0 then
        [| faded; faded; 255uy |]
    else
        [| 255uy; faded; faded |]

let scale = max 1 (288 / size)

for name, measured, theory in diagrams do
    let radii = Array2D.init size size (fun i j -> measured (rate i) (gamma j))
    let expected = Array2D.init size size (fun i j -> theory (rate i) (gamma j))

    let worst =
        Seq.max (Seq.map2 (fun a b -> abs (a - b)) (Seq.cast<float> radii) (Seq.cast<float> expected))

    let stable =
        Seq.cast<float> radii |> Seq.filter (fun radius -> radius < 1.0) |> Seq.length

    let pixel y x =
        let i, j = x / scale, size - 1 - y / scale

        let outside a b =
            a >= 0
            && a < size
            && b >= 0
            && b < size
            && (expected[a, b] < 1.0) <> (expected[i, j] < 1.0)

        if
            expected[i, j] < 1.0
            && (outside (i + 1) j || outside (i - 1) j || outside i (j + 1) || outside i (j - 1))
        then
            [| 0uy; 0uy; 0uy |]
        else
            color radii[i, j]

    let side = size * scale

    let pixels =
        Array.collect
            id
            [|
                for y in 0 .. side - 1 do
                    for x in 0 .. side - 1 -> pixel y x
            |]

    let file = Path.Combine(folder, $"dirac-{name}.png")
    File.WriteAllBytes(file, Picture(side, side, 3, pixels).Encode())

    printfn
        $"{name, -14} converges at {100 * stable / (size * size), 2} %% of the points; at most {worst:E1} from theory   {file}"

    // Where two eigenvalues meet, a rounding of 1e-10 in the Jacobian is one of 1e-5 in the radius.
    if worst > 1e-4 then
        failwith $"{name}: the step is not what theory says"
