/// Any loss works with any penalty, rule, optimiser and network.
module Gan.Experiments.Tests.CombinationTests

open System
open System.Threading
open NUnit.Framework
open Gan.Experiments
open Gan.Testing

/// What a run is made of: for each choice of a spec the ways to make it, as assignments. The first two are the largest.
let private choices =
    let named key (catalog: ICatalog) =
        [ for line in catalog.Lines -> [ $"{key}={line.Name}" ] ]

    let lists key (catalog: ICatalog) =
        [] :: [ for line in catalog.Lines -> [ $"{key}=[{line.Name}]" ] ]

    let critics =
        [
            for normalization in [ "none"; "batch"; "layer"; "spectral" ] do
                $"{{kind: mlp, widths: [16, 16], normalization: {normalization}}}"
            "{kind: mlp, widths: [16], activation: tanh, minibatch: deviation}"
            "{kind: mlp, widths: [16], outputs: 4, minibatch: discrimination}"
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
                        for player in [ "generator"; "critic" ] ->
                            $"{player}_optimizer={{kind: {kind}, learning_rate: {rate}, optimistic: {optimistic}}}"
                    ]
        ]
        [ for critic in critics -> [ $"critic={critic}" ] ]
        [
            for normalization in [ "none"; "batch"; "layer"; "spectral" ] ->
                [ $"generator={{kind: mlp, widths: [16, 16], normalization: {normalization}}}" ]
        ]
        lists "generator_penalties" PenaltyCatalog.GeneratorPenalties
        [ []; [ "augmentations=[{kind: instance_noise, deviation: 0.1}]" ] ]
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

let private lossChoice, private criticChoice = 0, 4

/// The losses that ask for a critic of their own, and that critic.
let private ownCritics =
    dict
        [
            indexOf lossChoice "=energy_based", indexOf criticChoice "kind: autoencoder"
            indexOf lossChoice "=began", indexOf criticChoice "kind: autoencoder"
            indexOf lossChoice "=multi_hinge", indexOf criticChoice "outputs: 4"
        ]

/// Whether two ways make sense together.
let private fits (i, a, j, b) =
    not (i = lossChoice && j = criticChoice && ownCritics.ContainsKey a)
    || ownCritics[a] = b

/// Rows that hold every pair of ways of two choices that fit at least once: a row for each pair of the first two choices,
/// with the ways of the others that bring the most new pairs.
let private covering (random: Random) =
    let counts = choices |> List.map Array.length |> Array.ofList
    let seen = System.Collections.Generic.HashSet()

    // The ways of some choices are given, the others' are those of the best of some draws.
    let best (given: (int * int) list) =
        let row =
            List.init 500 (fun _ ->
                let row = Array.map random.Next counts
                given |> List.iter (fun (choice, way) -> row[choice] <- way)

                match ownCritics.TryGetValue row[lossChoice] with
                | true, critic -> row[criticChoice] <- critic
                | _ -> ()

                row)
            |> List.maxBy (pairs >> List.filter (seen.Contains >> not) >> List.length)

        seen.UnionWith(pairs row)
        row

    [
        for a in 0 .. counts[0] - 1 do
            for b in 0 .. counts[1] - 1 do
                yield best [ 0, a; 1, b ]

        for i in 0 .. counts.Length - 1 do
            for j in i + 1 .. counts.Length - 1 do
                for a in 0 .. counts[i] - 1 do
                    for b in 0 .. counts[j] - 1 do
                        if fits (i, a, j, b) && not (seen.Contains((i, a, j, b))) then
                            yield best [ i, a; j, b ]
    ]

let private assignments (row: int[]) =
    row
    |> Array.toList
    |> List.mapi (fun choice way -> choices[choice][way])
    |> List.concat

let private silent =
    { new IRunObserver with
        member _.On _ = ()
    }

/// What went wrong with a row, or nothing.
let private train seed row =
    let made = assignments row
    let line = String.Join(" ", made)

    let assigned =
        made
        @ [
            "steps=20"
            "batch=32"
            "log_every=1"
            "evaluation.every=0"
            "tracking.kind=none"
            "threads=1"
            $"seed={seed}"
        ]

    let outcome =
        Laboratory.Train(SpecTests.read assigned, RunStart.New, silent, CancellationToken.None)

    if outcome.Ending = RunEnding.Finished then
        None
    else
        Some $"seed {seed}: {line}: {outcome.Note}"

[<Test>]
let ``every pair of loss, penalty, rule, optimiser and network trains`` () =
    let seed = 7
    let rows = covering (Random seed)
    TestContext.Progress.WriteLine $"{rows.Length} runs, seeds from {seed}"
    Expect.holds (rows.Length <= 400) $"{rows.Length} runs"

    let failures =
        rows |> List.indexed |> List.choose (fun (i, row) -> train (seed + i) row)

    let list = String.Join("\n  ", failures)
    Expect.holds failures.IsEmpty $"{failures.Length} of {rows.Length} runs did not finish:\n  {list}"

[<Test; Category "Full">]
let ``every loss trains with every penalty under every rule`` () =
    let counts = choices |> List.map Array.length |> Array.ofList

    // Optimisers, networks and the rest take turns.
    let row i (loss, penalty, rule) =
        let row = counts |> Array.mapi (fun choice count -> (i * (choice + 1)) % count)
        row[0] <- loss
        row[1] <- penalty
        row[2] <- rule

        match ownCritics.TryGetValue loss with
        | true, critic -> row[criticChoice] <- critic
        | _ -> ()

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
    TestContext.Progress.WriteLine $"{rows.Length} runs, {failures.Length} did not finish:\n  {list}"
    // At 20 plain steps of the default rates hardly any combination is too stiff to be finite.
    Expect.holds
        (failures.Length * 100 <= rows.Length)
        $"{failures.Length} of {rows.Length} runs did not finish:\n  {list}"

[<Test>]
let ``what does not fit together is refused before it runs`` () =
    for pair in ownCritics do
        for critic in 0 .. choices[criticChoice].Length - 1 do
            if critic <> pair.Value then
                let read () =
                    SpecTests.read (choices[lossChoice][pair.Key] @ choices[criticChoice][critic])
                    |> ignore

                Expect.failure<SpecException> read |> ignore
