/// Regression tests of dynamics: baselines, differences, fingerprints.
module Gan.Experiments.Tests.CheckTests

open System.IO
open System.Text.RegularExpressions
open Expecto
open Gan.Core
open Gan.Experiments
open Gan.Testing

let private steps = 60

let private read assignments =
    SpecTests.read (
        [
            "discriminator={kind: autoencoder, widths: [16], code: 4}"
            "generator={kind: mlp, widths: [16]}"
            "generator_optimizer={kind: adam, learning_rate: 1e-2}"
            "discriminator_optimizer={kind: adam, learning_rate: 1e-2}"
            "batch=32"
            "threads=1"
        ]
        @ assignments
    )

let private viaFile (baseline: Baseline) =
    let file = Path.Combine(Places.newFolder (), "baseline.jsonl")
    baseline.Save file
    Baseline.Load file

/// A loss with the sign of one player's side flipped.
let private flipped player (loss: IAdversarialLoss) =
    let sign name (term: Term) =
        if name = player then
            term.WithValue(term.Value.neg ())
        else
            term

    { new IAdversarialLoss with
        member _.GeneratorReadsReal = loss.GeneratorReadsReal
        member _.ReadsLabels = loss.ReadsLabels
        member _.Reads = loss.Reads
        member _.Init dtype = loss.Init dtype

        member _.Discriminator input =
            sign "discriminator" (loss.Discriminator input)

        member _.Generator input = sign "generator" (loss.Generator input)
    }

/// The spec with its game's loss replaced.
let private withLoss change (spec: ExperimentSpec) =
    let turns =
        [
            for turn in spec.Game.Turns do
                match turn.Objective with
                | :? DiscriminatorObjective as objective ->
                    Turn(turn.Name, turn.Players, objective.WithLoss(change objective.Loss), turn.Repeats)
                | :? GeneratorObjective as objective ->
                    Turn(turn.Name, turn.Players, objective.WithLoss(change objective.Loss), turn.Repeats)
                | _ -> turn
        ]

    spec.WithGame(Game(spec.Game.Players, turns, spec.Game.Rule, spec.Game.Dtype), spec.Samples)

/// Every loss, by the name that specs use.
let private losses =
    [
        for entry in LossCatalog.Losses.Entries ->
            if entry.Name = "multi_hinge" then
                [|
                    "loss=multi_hinge"
                    "data={kind: ring, labels: true}"
                    "discriminator={kind: mlp, widths: [16], outputs: 9}"
                |]
            else
                [| $"loss={entry.Name}" |]
    ]

let private play first second =
    RunComparison.Play(first, second, 20L, ignore)

let tests =
    testList
        "Check"
        [
            testList
                "a baseline holds twice, and a flipped sign breaks it at a step that is named"
                [
                    for assignments in losses do
                        testCase (String.concat ", " assignments)
                        <| fun () ->
                            let spec = read (List.ofArray assignments)
                            let baseline = viaFile (BaselineCheck.Record(spec, steps, 6))

                            for closeness in [ Closeness.Bits; Closeness.Bands ] do
                                for _ in 1..2 do
                                    match BaselineCheck.Check(spec, baseline, closeness) with
                                    | null -> ()
                                    | breach -> failwith $"{closeness}, step {breach.Step}: {breach.Message}"

                                for player in [ "discriminator"; "generator" ] do
                                    match BaselineCheck.Check(withLoss (flipped player) spec, baseline, closeness) with
                                    | null -> failwith $"{closeness}: a flipped sign of the {player} is not seen"
                                    | breach ->
                                        // Adam's first step has the size of its rate whatever the gradient, but not its sign.
                                        Expect.holds
                                            (breach.Step >= 1L && breach.Step <= int64 steps)
                                            $"step {breach.Step}"

                                        if closeness = Closeness.Bits then
                                            Expect.equal 1L breach.Step
                ]

            testCase "bands hold for seeds that they were not made of"
            <| fun () ->
                let spec = read []
                let baseline = viaFile (BaselineCheck.Record(spec, steps, 8))

                for seed in [ 101L; 102L; 103L ] do
                    match BaselineCheck.Check(spec.WithSeed seed, baseline, Closeness.Bands) with
                    | null -> ()
                    | breach -> failwith $"seed {seed}, step {breach.Step}: {breach.Message}"

            testCase "a baseline of another spec is refused, and so is what is no baseline"
            <| fun () ->
                let baseline = BaselineCheck.Record(read [], 3, 1)

                let refusal f =
                    (Expect.failure<UserException>(fun () -> f () |> ignore)).Message

                Expect.contains
                    "of one seed"
                    (refusal (fun () -> BaselineCheck.Check(read [], baseline, Closeness.Bands)))

                Expect.contains
                    "differs in loss.kind"
                    (refusal (fun () -> BaselineCheck.Check(read [ "loss=wasserstein" ], baseline, Closeness.Bits)))

                let file = Path.Combine(Places.newFolder (), "b.jsonl")
                Expect.contains "There is no baseline" (refusal (fun () -> Baseline.Load file))

                for text in
                    [
                        ""
                        "{}"
                        "not json"
                        """{"format":"gan-baseline-2"}"""
                        """{"format":"gan-baseline-2","machine":"m","spec":{}}""" + "\n{\"step\":1}"
                    ] do
                    File.WriteAllText(file, text)
                    Expect.contains "is no baseline" (refusal (fun () -> Baseline.Load file))

                File.WriteAllText(file, """{"format":"gan-baseline-1"}""")
                Expect.contains "former engine" (refusal (fun () -> Baseline.Load file))

            testCase "a baseline that is cut, empty of bands, out of order or changed is refused"
            <| fun () ->
                let file = Path.Combine(Places.newFolder (), "b.jsonl")
                BaselineCheck.Record(read [], 4, 2).Save file
                let whole = File.ReadAllLines file |> List.ofArray

                let refused (lines: string list) =
                    File.WriteAllLines(file, lines)

                    Expect.contains
                        "is no baseline"
                        (Expect.failure<UserException>(fun () -> Baseline.Load file |> ignore)).Message

                refused (List.take 1 whole)
                refused (List.take 3 whole)
                refused [ whole[0]; whole[2]; whole[1]; whole[3]; whole[4] ]
                refused (whole |> List.map _.Replace("\"state\":\"", "\"state\":\"-"))

                refused (
                    whole
                    |> List.map (fun line -> Regex.Replace(line, "\"bands\":.*", "\"bands\":{}}"))
                )
                // A line's end at the end of the file is none of its business.
                File.WriteAllLines(file, whole @ [ "" ])
                Expect.equal 4 (Baseline.Load file).Steps.Length

            testCase "a log of fingerprints leaves out what is none, and compares what is"
            <| fun () ->
                let file = Path.Combine(Places.newFolder (), "fingerprints.jsonl")
                let game = (read []).Game

                let bits seed =
                    Fingerprint.Of(game.Init(RandomKey.FromSeed seed))

                let log = FingerprintLog(file, 0L, 0L)

                let at step seed =
                    Fingerprint(step, (bits seed).State, (bits seed).Tensors)

                log.Add(at 1L 1L, readOnlyDict [])
                log.Add(at 2L 2L, readOnlyDict [])

                for broken in
                    [
                        "null"
                        "{}"
                        "[]"
                        """{"step":5,"state":"","tensors":{}}"""
                        """{"step":5,"state":"-1","tensors":{}}"""
                        "{\"step\":3"
                    ] do
                    File.AppendAllText(file, broken + "\n")
                    let again = FingerprintLog(file, 0L, System.Int64.MaxValue)
                    again.Add(at 2L 2L, readOnlyDict [])

                    let differs =
                        Expect.failure<DeterminismException>(fun () -> again.Add(at 2L 3L, readOnlyDict []))

                    Expect.contains "first in generator/weights/0/weight" differs.Message
                    Expect.equal 2 (File.ReadAllLines file).Length

            testCase "the same spec has no difference, and what changes a weight is found at its first step"
            <| fun () ->
                let spec = read []
                Expect.equal null (play spec (read []))

                let step assignments =
                    (nonNull (play spec (read assignments))).Step

                Expect.equal 0L (step [ "seed=2" ])
                Expect.equal 1L (step [ "loss=wasserstein" ])
                // The fourth step is the first that the rule looks ahead in.
                Expect.equal 4L (step [ "rule={kind: lookahead, period: 4}" ] |> max 4L)

            testCase "a difference names tensors and numbers"
            <| fun () ->
                let found =
                    nonNull (play (read []) (read [ "generator_optimizer={kind: adam, learning_rate: 2e-2}" ]))

                Expect.equal 1L found.Step
                Expect.holds (found.Tensors |> Seq.contains "generator/weights/0/weight") "the weight is not named"

                Expect.holds
                    (found.Tensors
                     |> Seq.forall (fun path -> not (path.StartsWith "discriminator/weights")))
                    "the discriminator moved first"

            testCase "a fingerprint sees any bit, and says where"
            <| fun () ->
                let game = (read []).Game
                let state = game.Init(RandomKey.FromSeed 1L)
                let bits = Fingerprint.Of state
                Expect.equal bits.State (Fingerprint.Of(game.Init(RandomKey.FromSeed 1L))).State
                let vector = Array.ofSeq (StepOperator.ToVector state)

                vector[0] <-
                    System.BitConverter.Int64BitsToDouble(
                        System.BitConverter.DoubleToInt64Bits vector[0] ^^^ (1L <<< 40)
                    )

                let moved = Fingerprint.Of(StepOperator.WithVector(state, vector))
                Expect.holds (bits.State <> moved.State) "the same bits"
                Expect.equal [ "generator/weights/0/weight" ] (List.ofSeq (bits.Differences moved))
        ]
