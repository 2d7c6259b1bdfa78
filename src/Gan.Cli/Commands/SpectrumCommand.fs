/// `gan spectrum`: how a game moves near a state.
module Gan.Cli.SpectrumCommand

open System
open System.Numerics
open System.IO
open Argu
open Gan.Core
open Gan.Experiments
open Gan.Cli.Failures

let private eigenvalue (found: Eigenvalue) =
    let imaginary = found.Value.Imaginary

    let value =
        if imaginary = 0.0 then
            $"  {Output.number found.Value.Real}"
        else
            let sign = if imaginary < 0.0 then "-" else "+"
            $"  {Output.number found.Value.Real} {sign} {Output.number (abs imaginary)}i"

    [ value; Output.number (Complex.Abs found.Value); Output.number found.Residual ]

let private eigenvalues title (found: Eigenvalue seq) =
    printfn $"{title}"
    Output.table [ "  eigenvalue"; "size"; "residual" ] [ for value in found -> eigenvalue value ]

let private print (request: DynamicsRequest) (dynamics: GameDynamics) =
    let spectrum = dynamics.Spectrum
    let kind = if spectrum.Exact then "all" else "leading"
    printfn $"step {dynamics.Step}, {spectrum.Weights} weights; v = -g is the players' vector field"
    eigenvalues $"{kind} eigenvalues of v'" spectrum.Leading

    for player in spectrum.Players do
        eigenvalues $"of the {player.Player}'s own block" player.Leading

    let about = if spectrum.Exact then "" else "about "
    printfn $"rotation  {about}{Output.number spectrum.Rotation}   (0: one potential, 1: only turning)"

    Output.table
        [ "player"; "gradient norm"; "cosine with the next" ]
        [
            for turn in dynamics.Turns -> [ turn.Player; Output.number turn.Norm; Output.number turn.Cosine ]
        ]

    if dynamics.Path.Count > 0 then
        printfn "on the way from the first state to this one:"

        Output.table
            [ "fraction"; "cosine of v and the way"; "norm of v" ]
            [
                for point in dynamics.Path -> List.map Output.number [ point.Fraction; point.Cosine; point.Norm ]
            ]

    match dynamics.Gap with
    | null -> ()
    | gap ->
        let kind =
            if request.Proximity.HasValue then
                "proximal duality gap"
            else
                "duality gap"

        printfn
            $"{kind} at least {Output.number gap.Gap}: the value is {Output.number gap.Value}; after {request.GapSteps} updates of the discriminator alone {Output.number gap.WorstDiscriminator}, of the generator alone {Output.number gap.WorstGenerator}"

let private json (dynamics: GameDynamics) =
    let values (found: Eigenvalue seq) =
        [
            for value in found ->
                {|
                    re = value.Value.Real
                    im = value.Value.Imaginary
                    residual = value.Residual
                |}
        ]

    Output.jsonText
        {|
            step = dynamics.Step
            weights = dynamics.Spectrum.Weights
            exact = dynamics.Spectrum.Exact
            eigenvalues = values dynamics.Spectrum.Leading
            players =
                [
                    for player in dynamics.Spectrum.Players ->
                        {|
                            player = player.Player
                            eigenvalues = values player.Leading
                        |}
                ]
            rotation = dynamics.Spectrum.Rotation
            turns = dynamics.Turns
            path = dynamics.Path
            gap = dynamics.Gap
        |}

let run (arguments: ParseResults<SpectrumArguments>) =
    let store = arguments.GetResult(SpectrumArguments.Store, RunStores.Default)

    let name =
        Arguments.required arguments "name a run or a spec" (arguments.GetResults SpectrumArguments.Of)

    let positive = Arguments.positive arguments

    let least option value =
        if value >= 0.0 && Double.IsFinite value then
            value
        else
            arguments.Raise $"--{option} must be a number of at least 0; got {value}"

    if arguments.Contains Proximal && not (arguments.Contains Gap) then
        arguments.Raise "--proximal goes with --gap"

    let request =
        DynamicsRequest(
            Count = positive "count" (arguments.GetResult(SpectrumArguments.Count, 6)),
            Dimensions = positive "dimensions" (arguments.GetResult(SpectrumArguments.Dimensions, 60)),
            Points = positive "points" (arguments.GetResult(SpectrumArguments.Points, 512)),
            GapSteps = int (least "gap" (float (arguments.GetResult(SpectrumArguments.Gap, 0)))),
            Proximity =
                (arguments.TryGetResult SpectrumArguments.Proximal
                 |> Option.map (least "proximal")
                 |> Option.toNullable)
        )

    let found, spec =
        CheckCommands.find store (arguments.GetResults SpectrumArguments.Set) name

    let keep = arguments.Contains SpectrumArguments.Keep

    let dynamics =
        match found with
        | Some _ when arguments.Contains SpectrumArguments.Steps ->
            arguments.Raise "--steps is of a spec; a run is looked at where its last checkpoint is"
        | Some run -> Dynamics.OfRun(run, spec, request)
        | None when keep -> arguments.Raise "--keep is of a run; a spec has no artifacts"
        | None ->
            let steps = arguments.GetResult(SpectrumArguments.Steps, 0L)
            least "steps" (float steps) |> ignore
            Dynamics.AfterSteps(spec, steps, request)

    match found with
    | Some run when keep ->
        Directory.CreateDirectory run.Folder.Spectra |> ignore
        AtomicFile.WriteText(Path.Combine(run.Folder.Spectra, $"step-{dynamics.Step}.json"), json dynamics)
    | _ -> ()

    if arguments.Contains SpectrumArguments.Json then
        Console.Out.WriteLine(json dynamics)
    else
        print request dynamics

    ExitCode.ok
