/// Known values and laws of the statistics that comparisons are made of.
module Gan.Experiments.Tests.StatisticsTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Gan.Experiments
open Gan.Testing

let private normal (seed: int) n shift =
    [ for i in 1..n -> shift + Draws.Normal(int64 seed, $"{i}") ]

let tests =
    testList
        "Statistics"
        [
            testCase "a mean's interval is Student's"
            <| fun () ->
                let summary = Statistics.Summarize [ 1.0; 2.0; 3.0; 4.0 ]
                Expect.equal (4, 2.5) (summary.Count, summary.Mean)
                Expect.within 1e-6 1.2909944 summary.Deviation
                // t(0.975; 3) = 3.182446
                Expect.within 1e-5 (2.5 - 3.182446 * 1.2909944 / 2.0) summary.Low
                Expect.within 1e-5 (2.5 + 3.182446 * 1.2909944 / 2.0) summary.High
                Expect.holds (Double.IsNaN (Statistics.Summarize [ 1.0 ]).Low) "one value has no interval"

                Expect.equal
                    (0.0, 3.0, 3.0)
                    (let s = Statistics.Summarize [ 3.0; 3.0; 3.0 ] in s.Deviation, s.Low, s.High)

            testCase "Holm's correction is the one of his paper's example"
            <| fun () ->
                Expect.equal [ 0.03; 0.06; 0.06 ] (List.ofSeq (Statistics.Holm [ 0.01; 0.04; 0.03 ]))
                Expect.equal [ 1.0; 1.0 ] (List.ofSeq (Statistics.Holm [ 0.9; 0.6 ]))
                Expect.equal [] (List.ofSeq (Statistics.Holm []))

            property "Holm's values are no smaller than their own, keep their order, and are at most 1"
            <| fun (values: NonNegativeInt list) ->
                let values = values |> List.map (fun value -> float (value.Get % 1001) / 1000.0)
                let corrected = List.ofSeq (Statistics.Holm values)

                List.forall2 (fun p q -> q >= p && q <= 1.0) values corrected
                && List.forall
                    (fun ((p, q), (r, s)) -> p > r || q <= s)
                    (List.allPairs (List.zip values corrected) (List.zip values corrected))

            testCase "the paired bootstrap finds a difference that is there, and errs as often as it says"
            <| fun () ->
                Expect.holds (Statistics.PairedBootstrap(normal 1 10 3.0, 1L) < 0.01) "three deviations in ten pairs"

                let values =
                    [ for seed in 1..200 -> Statistics.PairedBootstrap(normal seed 10 0.0, 1L) ]

                let wrong = values |> List.filter (fun p -> p < 0.05) |> List.length
                Expect.holds (wrong <= 24) $"{wrong} of 200 below 0.05 where nothing differs"
                Expect.within 0.08 0.5 (List.average values)

            testCase "few or equal pairs say nothing"
            <| fun () ->
                Expect.equal 1.0 (Statistics.PairedBootstrap([ 5.0; 6.0 ], 1L))
                Expect.equal 1.0 (Statistics.PairedBootstrap([ 0.0; 0.0; 0.0; 0.0 ], 1L))
                // One value in every pair: as likely as all signs being one.
                Expect.equal (1.0 / 32.0) (Statistics.PairedBootstrap([ 1.0; 1.0; 1.0; 1.0; 1.0; 1.0 ], 1L))

            property "the sign of all differences does not matter"
            <| fun (values: NormalFloat list) ->
                let values = values |> List.map _.Get
                let p = Statistics.PairedBootstrap(values, 3L)
                let q = Statistics.PairedBootstrap(List.map (~-) values, 3L)
                abs (p - q) < 1e-9
        ]
