/// Any loss works with any penalty, rule, optimiser and network.
module Gan.Experiments.Tests.CombinationTests

open System
open System.Threading
open NUnit.Framework
open Gan.Experiments
open Gan.Testing

/// What a run is made of: for each choice of a spec the ways to make it, as assignments.
let private choices =
    let named key (catalog: ICatalog) =
        [ for line in catalog.Lines -> [ $"{key}={line.Name}" ] ]

    [
        [
            yield! named "loss" LossCatalog.Losses

            for relativistic in [ "relativistic_paired"; "relativistic_average" ] do
                for comparison in [ "least_squares"; "hinge" ] do
                    [ $"loss={{kind: {relativistic}, comparison: {comparison}}}" ]

            [ "loss={kind: pearson, non_saturating: true}" ]
        ]
        [
            [ "penalties=[]" ]
            [ "penalties=[r1, r2]" ]

            for line in (PenaltyCatalog.Penalties :> ICatalog).Lines do
                [ $"penalties=[{line.Name}]" ]
        ]
        named "rule" RuleCatalog.Rules
        [
            for kind in [ "adam"; "rmsprop"; "sgd" ] do
                for optimistic in [ "false"; "true" ] do
                    [
                        for player in [ "generator"; "critic" ] ->
                            $"{player}_optimizer={{kind: {kind}, learning_rate: 1e-3, optimistic: {optimistic}}}"
                    ]
        ]
        [
            for normalization in [ "none"; "batch"; "layer" ] do
                for activation in [ "leaky_relu"; "tanh" ] do
                    [
                        for player in [ "generator"; "critic" ] ->
                            $"{player}={{kind: mlp, widths: [16, 16], normalization: {normalization}, activation: {activation}}}"
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

/// Rows that hold every pair of ways of two choices at least once: the best of some random rows, again and again.
let private covering (random: Random) =
    let counts = choices |> List.map Array.length |> Array.ofList

    let rec grow missing rows =
        if Set.isEmpty missing then
            rows
        else
            // Each candidate begins with a pair that is still missing.
            let i, a, j, b = Seq.item (random.Next(Set.count missing)) missing

            let candidate _ =
                counts
                |> Array.mapi (fun k count ->
                    if k = i then a
                    elif k = j then b
                    else random.Next count)

            let best =
                List.init 40 candidate
                |> List.maxBy (fun row -> pairs row |> List.filter missing.Contains |> List.length)

            grow (Set.difference missing (Set.ofList (pairs best))) (best :: rows)

    let all =
        set
            [
                for i in 0 .. counts.Length - 1 do
                    for j in i + 1 .. counts.Length - 1 do
                        for a in 0 .. counts[i] - 1 do
                            for b in 0 .. counts[j] - 1 -> i, a, j, b
            ]

    grow all []

let private assignments (row: int[]) =
    row
    |> Array.toList
    |> List.mapi (fun choice way -> choices[choice][way])
    |> List.concat

/// Trains a few steps; the sentence of what went wrong, or nothing.
let private train seed row =
    let made = assignments row

    let spec =
        SpecTests.read (
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
        )

    let silent =
        { new IRunObserver with
            member _.On _ = ()
        }

    let outcome = Laboratory.Train(spec, null, silent, CancellationToken.None)

    if outcome.Ending = RunEnding.Finished then
        None
    else
        let line = String.Join(" ", made)
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
