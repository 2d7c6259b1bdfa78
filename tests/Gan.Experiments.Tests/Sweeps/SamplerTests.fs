/// Laws of every sampler, and of what sweeps vary.
module Gan.Experiments.Tests.SamplerTests

open System
open System.Collections.Generic
open Expecto
open FsCheck
open FsCheck.FSharp
open Gan.Experiments
open Gan.Testing

let private rate =
    SweepParameter.Range("rate", null, 1e-5, 1e-1, true, 0.0) :> SweepParameter

let private width =
    SweepParameter.Range("width", null, 1.0, 8.0, false, 1.0) :> SweepParameter

let private loss =
    SweepParameter.Choice.Even("loss", null, [ "hinge"; "wgan"; "ns" ]) :> SweepParameter

let private weight =
    SweepParameter.Range("weight", SweepCondition("loss", [ "wgan"; "ns" ]), 0.0, 10.0, false, 0.0) :> SweepParameter

let private width' =
    SweepParameter.Bell("other_width", null, 3.0, 0.5, true, 4.0) :> SweepParameter

let private noise =
    SweepParameter.Bell("noise", null, 2.0, 0.25, false, 0.0) :> SweepParameter

let private opinion =
    SweepParameter.Choice("opinion", null, [ "yes"; "no"; "perhaps" ], [ 0.7; 0.1; 0.2 ]) :> SweepParameter

let private ranges = [ rate; width; loss; weight; width'; noise; opinion ]

let private choices: SweepParameter list =
    [
        loss
        SweepParameter.Choice.Even("penalty", SweepCondition("loss", [ "wgan" ]), [ "gp"; "r1" ])
        SweepParameter.Choice.Even("widths", null, [ "[8]"; "[16, 16]" ])
    ]

let private number (values: IReadOnlyDictionary<string, string>) name =
    Double.Parse(values[name], Globalization.CultureInfo.InvariantCulture)

/// Good is a rate near 1e-3, wgan and a weight near 7.
let private score (values: IReadOnlyDictionary<string, string>) =
    let away = Math.Log10(number values "rate") + 3.0

    let bonus =
        if values["loss"] = "wgan" then
            3.0 - abs (number values "weight" - 7.0) / 3.0
        else
            0.0

    bonus - away * away

/// The first n configurations of a sampler, each known when the next is asked for.
let private first n (sampler: ISampler) =
    let tried = List<Tried>()

    for i in 0 .. n - 1 do
        match sampler.Next(i, tried) with
        | null -> ()
        | values -> tried.Add(Tried(values, score values))

    List.ofSeq tried

let private methods =
    [ SweepMethod.Random; SweepMethod.LatinHypercube; SweepMethod.Tpe ]

let tests =
    testList
        "Sampler"
        [
            testList
                "values are in their ranges, conditions hold, and the same seed gives the same"
                [
                    for kind in methods do
                        testCase $"{kind}"
                        <| fun () ->
                            let draw seed =
                                first 40 (Samplers.Of(kind, ranges, Nullable 40, seed))

                            let text tried =
                                [
                                    for one: Tried in tried -> [ for pair in one.Values -> $"{pair.Key}={pair.Value}" ]
                                ]

                            for one in draw 1L do
                                Expect.holds
                                    (number one.Values "rate" >= 1e-5 && number one.Values "rate" <= 1e-1)
                                    "rate"

                                Expect.holds (List.contains (number one.Values "width") [ 1.0 .. 8.0 ]) "width"
                                Expect.equal (one.Values["loss"] <> "hinge") (one.Values.ContainsKey "weight")
                                Expect.holds (number one.Values "other_width" % 4.0 = 0.0) "a multiple"
                                Expect.holds (abs (number one.Values "noise" - 2.0) <= 6.0 * 0.25) "noise"

                            Expect.equal (text (draw 1L)) (text (draw 1L))
                            Expect.holds (text (draw 1L) <> text (draw 2L)) "two seeds give the same"
                ]

            testCase "a Latin hypercube has one in each n-th of every range"
            <| fun () ->
                let n = 17
                let units = [ rate; width ]

                let drawn =
                    first
                        n
                        { new ISampler with
                            member _.Next(i, tried) =
                                let values =
                                    Dictionary(
                                        nonNull (
                                            Samplers
                                                .Of(SweepMethod.LatinHypercube, [ rate ], Nullable n, 3L)
                                                .Next(i, tried)
                                        )
                                    )

                                values["loss"] <- "hinge"
                                values
                        }

                let parts = [ for one in drawn -> int (rate.Unit one.Values["rate"] * float n) ]
                Expect.equal [ 0 .. n - 1 ] (List.sort parts)
                Expect.equal 2 units.Length

            testCase "a grid has every combination once, conditions included"
            <| fun () ->
                let sampler = Samplers.Of(SweepMethod.Grid, choices, Nullable(), 1L)

                let all =
                    List.unfold
                        (fun i ->
                            match sampler.Next(i, []) with
                            | null -> None
                            | values -> Some(values, i + 1))
                        0
                // wgan with two penalties, hinge and ns without; each with two widths.
                Expect.equal 8 all.Length
                Expect.equal 8 (all |> List.map (fun values -> String.Join(" ", values)) |> List.distinct).Length
                Expect.equal "[loss, hinge] [widths, [8]]" (String.Join(" ", all[0]))

            testCase "the Parzen estimator finds what is good sooner than chance"
            <| fun () ->
                let best kind seed =
                    first 60 (Samplers.Of(kind, ranges, Nullable(), seed))
                    |> List.map _.Score
                    |> List.max

                let mean kind =
                    List.averageBy (best kind) [ 1L .. 10L ]

                let random, tpe = mean SweepMethod.Random, mean SweepMethod.Tpe
                Expect.holds (tpe > random + 0.1) $"the best of 60: {tpe} by TPE, {random} by chance"

            property "a value's place in the unit interval gives the value again"
            <| fun (unit: float) ->
                let unit = if Double.IsFinite unit then abs unit % 1.0 else 0.3

                [ width; loss; width'; opinion ]
                |> List.forall (fun parameter ->
                    let value = parameter.Value unit
                    parameter.Value(parameter.Unit value) = value)
                && [ rate; noise ]
                   |> List.forall (fun parameter -> abs (parameter.Unit(parameter.Value unit) - unit) < 1e-4)

            testCase "values come as often as their distribution has them"
            <| fun () ->
                let n = 2000

                let drawn (parameter: SweepParameter) =
                    [ for i in 1..n -> parameter.Value((float i - 0.5) / float n) ]

                let counts = drawn opinion |> List.countBy id |> Map
                Expect.equal (Map [ "yes", 1400; "no", 200; "perhaps", 400 ]) counts
                let numbers = drawn noise |> List.map float
                Expect.within 1e-3 2.0 (List.average numbers)
                Expect.within 1e-3 (0.25 ** 2.0) (numbers |> List.averageBy (fun x -> (x - 2.0) ** 2.0))
                // The median of a number whose logarithm is normal is the power of the mean.
                Expect.equal "20" (width'.Value 0.5)

            testCase "a narrowed parameter has what is between, or among, the values"
            <| fun () ->
                let narrowed (parameter: SweepParameter) (values: string list) =
                    let narrow = parameter.Narrowed(Array.ofList values)
                    [ for unit in [ 0.0; 0.5; 1.0 - 1e-9 ] -> narrow.Value unit ]

                Expect.equal [ "1.5"; "2"; "2.5" ] (narrowed noise [ "2.5"; "1.5"; "1.9" ])
                Expect.equal [ "8"; "8"; "8" ] (narrowed width' [ "8"; "8" ])
                Expect.equal [ "0.001"; "0.01"; "0.1" ] (narrowed rate [ "0.1"; "0.001" ])
                Expect.equal [ "no"; "perhaps"; "perhaps" ] (narrowed opinion [ "perhaps"; "no" ])

            testCase "drawn numbers are uniform"
            <| fun () ->
                let n = 20_000
                let drawn = [| for i in 1..n -> Draws.Unit(5L, string i) |]
                Expect.within 0.01 0.5 (Array.average drawn)
                Expect.within 0.01 (1.0 / 12.0) (drawn |> Array.averageBy (fun u -> (u - 0.5) * (u - 0.5)))
                let normal = [| for i in 1..n -> Draws.Normal(5L, string i) |]
                Expect.within 0.03 0.0 (Array.average normal)
                Expect.within 0.03 1.0 (normal |> Array.averageBy (fun z -> z * z))
        ]
