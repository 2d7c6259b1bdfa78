module Gan.Core.Tests.PhiloxTests

open System
open Expecto
open TorchSharp
open Gan.Core
open Gan.Testing
open Gan.Testing.Tensors

let private key (high: uint64) (low: uint64) = UInt128(high, low)

/// Philox4x32-10 of the authors' published vectors: counter, key, output.
let private vectors =
    [
        key 0UL 0UL, 0UL, [| 0x6627e8d5u; 0xe169c58du; 0xbc57ac4cu; 0x9b00dbd8u |]
        key UInt64.MaxValue UInt64.MaxValue, UInt64.MaxValue, [| 0x408f276du; 0x41c83b0eu; 0xa20bc7c6u; 0x6d5451fdu |]
        key 0x0370734413198a2eUL 0x299f31d0a4093822UL,
        0x85a308d3243f6a88UL,
        [| 0xd16cfe09u; 0x94fdccebu; 0x5001e420u; 0x24126ea1u |]
    ]

/// The mean of f over the elements.
let private average f values = Array.averageBy f values

let tests =
    testList
        "Philox"
        [
            testCase "the published test vectors"
            <| fun () ->
                for key, counter, expected in vectors do
                    let struct (first, second) = Philox.Words(key, counter)

                    let words =
                        [|
                            for word in [ first; second ] do
                                uint32 word
                                uint32 (word >>> 32)
                        |]

                    Expect.equal expected words

            property "an element depends on the key and its number alone"
            <| fun (high: uint64) (low: uint64) (rows: FsCheck.PositiveInt) ->
                let key = key high low
                let size = int64 rows.Get

                let flat = elements (Philox.Normal(key, [| 7L * size |], torch.ScalarType.Float64))
                let square = elements (Philox.Normal(key, [| size; 7L |], torch.ScalarType.Float64))

                let longer =
                    elements (Philox.Normal(key, [| 7L * size + 5L |], torch.ScalarType.Float64))

                flat = square && flat = Array.truncate flat.Length longer

            property "float32 is the rounding of float64"
            <| fun (low: uint64) ->
                let key = key 1UL low
                let narrow = elements (Philox.Normal(key, [| 64L |], torch.ScalarType.Float32))
                let wide = elements (Philox.Normal(key, [| 64L |], torch.ScalarType.Float64))
                narrow = Array.map (fun x -> float (float32 x)) wide

            testCase "the thread count does not matter"
            <| fun () ->
                let draw threads =
                    Engine.SetThreads threads
                    elements (Philox.Normal(key 3UL 4UL, [| 100_003L |], torch.ScalarType.Float32))

                let one, two = draw 1, draw 2
                Engine.SetThreads 1
                Expect.holds (one = two) "the numbers differ"

            testCase "uniform numbers are uniform and normal ones normal"
            <| fun () ->
                let count = 1_000_000L

                let uniform =
                    elements (Philox.Uniform(key 5UL 6UL, [| count |], torch.ScalarType.Float32))

                let normal =
                    elements (Philox.Normal(key 7UL 8UL, [| count |], torch.ScalarType.Float64))
                // Five standard errors of each moment.
                Expect.holds (Array.min uniform >= 0.0) "below 0"
                Expect.holds (Array.max uniform < 1.0) "not below 1"
                Expect.within 0.0015 0.5 (average id uniform)
                Expect.within 0.0015 (1.0 / 3.0) (average (fun x -> x * x) uniform)
                Expect.within 0.005 0.0 (average id normal)
                Expect.within 0.0071 1.0 (average (fun x -> x * x) normal)
                Expect.within 0.049 3.0 (average (fun x -> x ** 4.0) normal)
                Expect.within 0.00026 0.0026998 (average (fun x -> if abs x > 3.0 then 1.0 else 0.0) normal)
                // Neighbors, which one block makes together, are uncorrelated.
                let products = [| for i in 0..2 .. normal.Length - 2 -> normal[i] * normal[i + 1] |]
                Expect.within 0.0071 0.0 (Array.average products)

            property "a permutation has every number once"
            <| fun (low: uint64) (count: FsCheck.PositiveInt) ->
                Array.sort (Philox.Permutation(key 9UL low, int64 count.Get)) = [| 0L .. int64 count.Get - 1L |]

            testCase "permutations of four are equally likely"
            <| fun () ->
                let counts =
                    [
                        for i in 0UL .. 23_999UL -> Philox.Permutation(key 10UL i, 4L) |> List.ofArray
                    ]
                    |> List.countBy id

                Expect.equal 24 counts.Length

                let chiSquared =
                    counts |> List.sumBy (fun (_, n) -> (float n - 1000.0) ** 2.0 / 1000.0)
                // The 0.999 quantile with 23 degrees of freedom.
                Expect.holds (chiSquared < 49.7) $"chi squared is {chiSquared}"
        ]
