/// Any loss works with any penalty, rule, optimizer and network.
module Gan.Experiments.Tests.CombinationTests

open System
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

/// What a run is made of: for each choice of a spec the ways to make it, as assignments. The first two are the largest.
let private choices =
    let named key (catalog: ICatalog) =
        [ for line in catalog.Lines -> [ $"{key}={line.Name}" ] ]

    let lists key (catalog: ICatalog) =
        [] :: [ for line in catalog.Lines -> [ $"{key}=[{line.Name}]" ] ]

    let discriminators =
        [
            for normalization in [ "none"; "batch"; "layer"; "spectral" ] do
                $"{{kind: mlp, widths: [16, 16], normalization: {normalization}}}"
            "{kind: mlp, widths: [16], activation: tanh, minibatch: deviation}"
            "{kind: mlp, widths: [16], outputs: 4, minibatch: discrimination}"
            "{kind: mlp, widths: [16, 16], condition: project}"
            "{kind: maxout, widths: [16], pieces: 3}"
            "{kind: autoencoder, widths: [16], code: 4}"
            "{kind: packed, pack: 2, inner: {kind: mlp, widths: [16]}}"
            "{kind: gradient_normalized, inner: {kind: mlp, widths: [16]}}"
        ]

    [
        [
            for line in (LossCatalog.Losses :> ICatalog).Lines ->
                if line.Name = "multi_hinge" then
                    [ "loss=multi_hinge"; "data={kind: ring, modes: 3, labels: true}" ]
                else
                    [ $"loss={line.Name}" ]
        ]
        lists "penalties" PenaltyCatalog.Penalties
        named "rule" RuleCatalog.Rules
        [
            // Plain steps of the default penalties' curvature are short ones.
            for kind, rate in [ "adam", 1e-3; "rmsprop", 1e-3; "sgd", 1e-4 ] do
                for optimistic in [ "false"; "true" ] do
                    [
                        for player in [ "generator"; "discriminator" ] ->
                            $"{player}_optimizer={{kind: {kind}, learning_rate: {rate}, optimistic: {optimistic}}}"
                    ]
        ]
        [ for discriminator in discriminators -> [ $"discriminator={discriminator}" ] ]
        [
            for normalization in [ "none"; "batch"; "layer"; "spectral" ] do
                [ $"generator={{kind: mlp, widths: [16, 16], normalization: {normalization}}}" ]
            [ "generator={kind: mlp, widths: [16, 16], condition: normalize}" ]
        ]
        lists "generator_penalties" PenaltyCatalog.GeneratorPenalties
        [ []; [ "augmentations=[{kind: instance_noise, deviation: 0.1}]" ] ]
        [
            []
            [ "system=conditional_gan"; "data={kind: ring, modes: 3, labels: true}" ]
            [ "system=bigan"; "encoder={kind: mlp, widths: [16]}" ]
            [
                "system={kind: cyclegan, identity: 0.5}"
                "data={kind: pair, first: ring, second: grid}"
            ]
        ]
    ]
    |> List.map Array.ofList

/// The pairs of ways that a row holds.
let private pairs (row: int[]) =
    [
        for i in 0 .. row.Length - 1 do
            for j in i + 1 .. row.Length - 1 -> i, row[i], j, row[j]
    ]

let private indexOf choice (part: string) =
    choices[choice] |> Array.findIndex (List.exists (fun way -> way.Contains part))

let private lossChoice, private discriminatorChoice, private systemChoice = 0, 4, 8

let private assignments (row: int[]) =
    row
    |> Array.toList
    |> List.mapi (fun choice way -> choices[choice][way])
    |> List.concat

/// The losses that ask for a discriminator of their own, and that discriminator.
let private ownDiscriminators =
    dict
        [
            indexOf lossChoice "=energy_based", indexOf discriminatorChoice "kind: autoencoder"
            indexOf lossChoice "=began", indexOf discriminatorChoice "kind: autoencoder"
            indexOf lossChoice "=multi_hinge", indexOf discriminatorChoice "outputs: 4"
        ]

/// A row of the plainest ways, but for those given.
let private plainest (given: (int * int) list) =
    let row = Array.zeroCreate choices.Length
    row[lossChoice] <- indexOf lossChoice "=non_saturating"
    given |> List.iter (fun (choice, way) -> row[choice] <- way)

    match ownDiscriminators.TryGetValue row[lossChoice] with
    | true, discriminator when not (List.exists (fst >> (=) discriminatorChoice) given) ->
        row[discriminatorChoice] <- discriminator
    | _ -> ()

    row

/// The pairs of ways that are refused together, as specs are: those of a system and anything, of a loss and a
/// discriminator, of a condition and a network that wants one.
let private refused =
    lazy
        (let read row =
            SpecTests.read (assignments row) |> ignore

         set
             [
                 for i in 0 .. choices.Length - 1 do
                     for j in i + 1 .. choices.Length - 1 do
                         if j = systemChoice || (i = lossChoice && j = discriminatorChoice) then
                             for a in 0 .. choices[i].Length - 1 do
                                 for b in 0 .. choices[j].Length - 1 do
                                     try
                                         read (plainest [ i, a; j, b ])
                                     with :? SpecException ->
                                         i, a, j, b
             ])

/// Whether two ways make sense together.
let private fits pair = not (refused.Value.Contains pair)

/// Whether a way makes sense with those chosen so far.
let private fitsAll (row: int[]) choice way =
    Seq.forall
        (fun other ->
            row[other] < 0
            || other = choice
            || fits (
                if other < choice then
                    other, row[other], choice, way
                else
                    choice, way, other, row[other]
            ))
        (seq { 0 .. row.Length - 1 })

/// The plainest row with one way, under the first system that it fits.
let private alone choice way =
    let row = plainest [ choice, way ]

    if choice <> systemChoice then
        row[systemChoice] <-
            Seq.find
                (fun system -> fits (choice, way, systemChoice, system))
                (seq { 0 .. choices[systemChoice].Length - 1 })

    row

/// Rows that hold every pair of ways of two choices that fit at least once: a row for each pair of the first two choices,
/// with the ways of the others that bring the most new pairs.
let private covering (random: Random) =
    let counts = choices |> List.map Array.length |> Array.ofList
    let seen = System.Collections.Generic.HashSet()

    // The system first, since most depends on it; then the others, each of the ways that fit.
    let order =
        systemChoice
        :: [
            for choice in 0 .. counts.Length - 1 do
                if choice <> systemChoice then
                    choice
        ]

    let draw (given: (int * int) list) =
        let row = Array.create counts.Length -1
        given |> List.iter (fun (choice, way) -> row[choice] <- way)

        for choice in order do
            if row[choice] < 0 then
                match List.filter (fitsAll row choice) [ 0 .. counts[choice] - 1 ] with
                | [] -> ()
                | ways -> row[choice] <- ways[random.Next ways.Length]

        if Array.contains -1 row then None else Some row

    let best given =
        match List.choose id (List.init 300 (fun _ -> draw given)) with
        | [] -> None
        | rows ->
            let row =
                rows |> List.maxBy (pairs >> List.filter (seen.Contains >> not) >> List.length)

            seen.UnionWith(pairs row)
            Some row

    [
        for a in 0 .. counts[0] - 1 do
            for b in 0 .. counts[1] - 1 do
                yield! Option.toList (best [ 0, a; 1, b ])

        for i in 0 .. counts.Length - 1 do
            for j in i + 1 .. counts.Length - 1 do
                for a in 0 .. counts[i] - 1 do
                    for b in 0 .. counts[j] - 1 do
                        if fits (i, a, j, b) && not (seen.Contains((i, a, j, b))) then
                            yield! Option.toList (best [ i, a; j, b ])
    ]

let private silent =
    { new IRunObserver with
        member _.On _ = ()
    }

let private spec seed steps row more =
    SpecTests.read (
        assignments row
        @ [
            $"steps={steps}"
            "batch=32"
            "log_every=1"
            "evaluation.every=0"
            "tracking.kind=none"
            $"seed={seed}"
        ]
        @ more
    )

let private line row = String.Join(" ", assignments row)

let private run seed steps row more =
    ExperimentRunner.Train(spec seed steps row more, RunStart.New, silent, CancellationToken.None)

/// What went wrong with a row, or nothing.
let private train seed row =
    let outcome = run seed 20 row [ "threads=1" ]

    if outcome.Ending = RunEnding.Finished then
        None
    else
        Some $"seed {seed}: {line row}: {outcome.Note}"

let private covered =
    lazy
        (let seed = 7
         let rows = covering (Random seed)
         Console.WriteLine $"{rows.Length} runs, seeds from {seed}"
         Expect.holds (rows.Length <= 400) $"{rows.Length} runs"
         rows |> List.mapi (fun i row -> seed + i, row))

/// A device without memory: operators on it check where their tensors live, and compute nothing. It lacks a few.
let private meta = TorchSharp.torch.Device(TorchSharp.DeviceType.META)

/// What a step does on that device: nothing wrong, an operator that the device lacks, or a failure.
let private onMeta row =
    try
        use _ = TorchSharp.torch.NewDisposeScope()
        let spec = spec 1 1 row [ "generator.activation=leaky_relu" ]
        let game = spec.Game.WithDevice meta
        let state = game.Init(Gan.Core.RandomKey.FromSeed 1L)
        let batch = spec.Data.Open().Draw(state.Root, 0L, spec.BatchSize, game.Dtype)
        let batches = [ for _ in 1 .. game.BatchesPerStep -> batch.On meta ]
        let next = Gan.Core.Step.Run(game, state, batches, measure = false).State
        let elsewhere (tensor: TorchSharp.torch.Tensor) = not tensor.is_meta

        Ok(
            if Seq.exists elsewhere next.Tensors then
                "a tensor is elsewhere"
            else
                ""
        )
    with failure ->
        let message = failure.Message.Split('\n')[0]

        if message.Contains "attempted to run this operator with Meta tensors" then
            Error message
        else
            Ok message

/// Trains each row on one thread and on two.
let private requireSameBits rows =
    let failures =
        rows
        |> List.choose (fun (seed, row) ->
            let one, two = run seed 10 row [ "threads=1" ], run seed 10 row [ "threads=2" ]

            if one.Ending <> RunEnding.Finished then
                Some $"seed {seed}: {line row}: {one.Note}"
            elif one.StateHash <> two.StateHash then
                Some $"seed {seed}: {line row}: other bits on two threads"
            else
                None)

    let list = String.Join("\n  ", failures)
    Expect.holds failures.IsEmpty $"{failures.Length} of {List.length rows} runs:\n  {list}"

let tests =
    testList
        "Combination"
        [
            testCase
                "a fortieth of the runs that have every pair of parts trains, with the same bits on one thread and on two"
            <| fun () -> covered.Value |> List.filter (fun (seed, _) -> seed % 40 = 0) |> requireSameBits

            Suite.full
                [
                    testCase
                        "every pair of loss, penalty, rule, optimizer and network trains, with the same bits on one thread and on two"
                    <| fun () -> requireSameBits covered.Value
                ]

            testCase "no operator of a step mixes devices, and none waits for a number"
            <| fun () ->
                let rows =
                    [
                        for choice in 0 .. choices.Length - 1 do
                            for way in 0 .. choices[choice].Length - 1 do
                                let row = alone choice way

                                // Conjugate gradients are stopped by numbers that are read.
                                if not ((line row).Contains "rule=competitive") then
                                    line row, onMeta row
                    ]

                let failures =
                    [
                        for row, outcome in rows do
                            match outcome with
                            | Ok ""
                            | Error _ -> ()
                            | Ok failure -> $"{row}: {failure}"
                    ]

                let list = String.Join("\n  ", failures)
                Expect.holds failures.IsEmpty $"{failures.Length} steps:\n  {list}"
                let lacking = rows |> List.filter (snd >> Result.isError)

                let list =
                    String.Join("\n  ", lacking |> List.map (fun (row, outcome) -> $"{row}: {outcome}"))

                Expect.holds
                    (lacking.Length * 4 < rows.Length)
                    $"{lacking.Length} of {rows.Length} steps were not seen:\n  {list}"

            testList
                "networks that are dealt to threads have the same bits on any number of them"
                [
                    for generator, discriminator in
                        [
                            "generator={kind: mlp, widths: [256, 512]}", "discriminator={kind: mlp, widths: [512, 256]}"
                            "generator={kind: dcgan, channels: [32, 16]}",
                            "discriminator={kind: dcgan, channels: [16, 32]}"
                        ] do
                        testCase generator
                        <| fun () ->
                            let hash threads =
                                let assigned =
                                    [
                                        "data=glyphs"
                                        "batch=128"
                                        "latents={kind: normal, size: 100}"
                                        generator
                                        discriminator
                                        "penalties=[{kind: r1, gamma: 0.1}, orthogonal]"
                                        "average=0.99"
                                        "steps=4"
                                        "evaluation.every=0"
                                        "tracking.kind=none"
                                        $"threads={threads}"
                                    ]

                                ExperimentRunner
                                    .Train(SpecTests.read assigned, RunStart.New, silent, CancellationToken.None)
                                    .StateHash

                            let one = hash 1

                            for threads in [ 2; 3 ] do
                                Expect.equal one (hash threads)
                ]

            testCase "what does not fit together is refused before it runs"
            <| fun () ->
                for pair in ownDiscriminators do
                    for discriminator in 0 .. choices[discriminatorChoice].Length - 1 do
                        if discriminator <> pair.Value then
                            let read () =
                                SpecTests.read (
                                    choices[lossChoice][pair.Key] @ choices[discriminatorChoice][discriminator]
                                )
                                |> ignore

                            Expect.failure<SpecException> read |> ignore

            Suite.full
                [
                    testCase "every loss trains with every penalty under every rule"
                    <| fun () ->
                        let counts = choices |> List.map Array.length |> Array.ofList

                        // Optimizers, networks and the rest take turns.
                        let row i (loss, penalty, rule) =
                            let row = plainest [ 0, loss; 1, penalty; 2, rule ]

                            for choice in systemChoice :: [ 3 .. counts.Length - 1 ] do
                                let way = (i * (choice + 1)) % counts[choice]

                                if fitsAll row choice way then
                                    row[choice] <- way

                            row

                        let rows =
                            [
                                for loss in 0 .. counts[0] - 1 do
                                    for penalty in 0 .. counts[1] - 1 do
                                        for rule in 0 .. counts[2] - 1 -> loss, penalty, rule
                            ]
                            |> List.mapi row

                        let failures = rows |> List.indexed |> List.choose (fun (i, row) -> train i row)
                        let list = String.Join("\n  ", failures)

                        Console.WriteLine $"{rows.Length} runs, {failures.Length} did not finish:\n  {list}"
                        // At 20 plain steps of the default rates hardly any combination is too stiff to be finite.
                        Expect.holds
                            (failures.Length * 100 <= rows.Length)
                            $"{failures.Length} of {rows.Length} runs did not finish:\n  {list}"
                ]
        ]
