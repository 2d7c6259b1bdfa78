module Gan.Core.Tests.EvaluationTests

open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private key = RandomKey.FromSeed 23L
let private ring = Mixture.Ring(8, 1.0, 0.01)

let tests =
    testList
        "Evaluation"
        [
            testCase "points of the mixture cover it"
            <| fun () ->
                let coverage = MixtureCoverage.Of(ring.Draw(key, 20_000), ring)
                Expect.equal 8 coverage.Modes
                // In two dimensions 1 - e^(-9/2) of a Gaussian is within three deviations.
                Expect.within 0.003 (1.0 - exp -4.5) coverage.HighQuality
                Expect.within 0.002 0.0 coverage.ReverseKl

            testCase "collapse is seen"
            <| fun () ->
                let center = float64 [ 100; 2 ] (Seq.replicate 100 [ 1.0; 0.0 ] |> Seq.concat)
                let coverage = MixtureCoverage.Of(center, ring)
                Expect.equal (1, 1.0) (coverage.Modes, coverage.HighQuality)
                Expect.within 1e-12 (log 8.0) coverage.ReverseKl

            testCase "points outside, or that are not numbers, count for nothing"
            <| fun () ->
                let coverage =
                    MixtureCoverage.Of(float64 [ 3; 2 ] [ 0.0; 0.0; nan; nan; infinity; 0.0 ], ring)

                Expect.equal (0, 0.0) (coverage.Modes, coverage.HighQuality)

            testCase "the grid is centered and has its spacing"
            <| fun () ->
                let grid = Mixture.Grid(5, 2.0, 0.05)
                Expect.equal 25 grid.Centers.Length

                let coordinates =
                    grid.Centers |> Seq.collect id |> Seq.distinct |> Seq.sort |> List.ofSeq

                Expect.equal [ -4.0; -2.0; 0.0; 2.0; 4.0 ] coordinates

            testCase
                "the sliced Wasserstein distance is zero to itself and symmetric, and a shift costs its mean projection"
            <| fun () ->
                let x = key.Derive("x").Normal(torch.ScalarType.Float64, 500, 2)
                let shifted = x + float64 [ 1; 2 ] [ 3.0; 0.0 ]

                let distance a b =
                    SlicedWasserstein.Distance(a, b, 2000, key)

                Expect.equal 0.0 (distance x x)
                Expect.equal (distance x shifted) (distance shifted x)
                // E cos^2 = 1/2 over directions in the plane.
                Expect.within 0.1 (3.0 / sqrt 2.0) (distance x shifted)

            testCase "the discrepancy is about zero for one distribution and one for two far apart"
            <| fun () ->
                let x = key.Derive("x").Normal(torch.ScalarType.Float64, 400, 2)
                let y = key.Derive("y").Normal(torch.ScalarType.Float64, 400, 2)
                Expect.within 0.01 0.0 (MaximumMeanDiscrepancy.Squared(x, y))
                let far = MaximumMeanDiscrepancy.Squared(x, y.Plus(100.0))
                Expect.holds (far > 0.5) $"{far}"

            propertyOf 20 "the discrepancy is the double sum that defines it"
            <| fun (seed: int64) ->
                let key = RandomKey.FromSeed seed
                let n = 7

                let draw name =
                    elements (key.Derive(name: string).Normal(torch.ScalarType.Float64, n, 1))

                let x, y = draw "x", draw "y"

                let pairs =
                    [
                        for i in 0 .. n - 1 do
                            for j in 0 .. n - 1 do
                                if i <> j then
                                    (i, j)
                    ]

                let distances = pairs |> List.map (fun (i, j) -> (x[i] - x[j]) ** 2.0) |> List.sort

                let median = distances[distances.Length / 2]

                let kernel a b =
                    exp (-((a - b) ** 2.0) / (2.0 * median))

                let within (p: float array) =
                    pairs |> List.averageBy (fun (i, j) -> kernel p[i] p[j])

                let between =
                    List.allPairs [ 0 .. n - 1 ] [ 0 .. n - 1 ]
                    |> List.averageBy (fun (i, j) -> kernel x[i] y[j])

                close
                    1e-9
                    (MaximumMeanDiscrepancy.Squared(float64 [ n; 1 ] x, float64 [ n; 1 ] y))
                    (within x + within y - 2.0 * between)
        ]
