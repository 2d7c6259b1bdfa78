module Gan.Core.Tests.ParameterTests

open System
open System.Collections.Generic
open Expecto
open Gan.Core
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private tree (entries: (string * float list) list) =
    ParameterTree.FromTensors
        [
            for path, values in entries -> NamedTensor(path, torch.tensor (Array.ofList values))
        ]

let private sample =
    tree
        [
            "0/weight", [ 3.0; 4.0 ]
            "0/bias", [ 0.0 ]
            "1/0/weight", [ 12.0 ]
            "head", [ 0.0 ]
        ]

let tests =
    testList
        "Parameters"
        [
            testCase "a level is the tree below it"
            <| fun () ->
                Expect.equal [ "weight"; "bias" ] (List.ofSeq (sample.Child "0").Paths)
                Expect.equal [| 12.0 |] (elements ((sample.Child "1").Child("0")["weight"]))
                Expect.equal 0 (sample.Child "2").Count

            testCase "joined children are the children again"
            <| fun () ->
                let joined =
                    ParameterTree.Join [ NamedTree("a", sample); NamedTree("b", sample.Child "0") ]

                Expect.equal (sample.Hash()) ((joined.Child "a").Hash())
                Expect.equal ((sample.Child "0").Hash()) ((joined.Child "b").Hash())

            testCase "the norm is that of one vector"
            <| fun () -> Expect.within 1e-12 13.0 (value (sample.Norm()))

            testCase "the hash sees every path, dtype, shape and bit, and no order"
            <| fun () ->
                let hash entries = (tree entries).Hash()
                let first = [ "a", [ 1.0; 2.0 ]; "b", [ 3.0 ] ]

                Expect.equal (hash first) (hash (List.rev first))

                let others =
                    [
                        [ "a", [ 1.0; 2.0 ]; "c", [ 3.0 ] ]
                        [ "a", [ 1.0 ]; "b", [ 2.0; 3.0 ] ]
                        [ "a", [ 1.0; Math.BitIncrement 2.0 ]; "b", [ 3.0 ] ]
                    ]

                for other in others do
                    Expect.holds (hash first <> hash other) "a difference that the hash does not see"

                let narrow = (tree first).Map(fun t -> t.to_type torch.ScalarType.Float32)
                Expect.holds (hash first <> narrow.Hash()) "a dtype that the hash does not see"

            testCase "wrong trees are refused with the paths"
            <| fun () ->
                let twice =
                    Expect.failure<ArgumentException>(fun () -> tree [ "a", []; "a", [] ] |> ignore)

                Expect.contains "'a' stands twice" twice.Message

                let both =
                    Expect.failure<ArgumentException>(fun () -> tree [ "a", []; "a/b", [] ] |> ignore)

                Expect.contains "both a tensor and a level" both.Message

                let missing =
                    Expect.failure<KeyNotFoundException>(fun () -> sample["0/wieght"] |> ignore)

                Expect.contains "0/weight" missing.Message

                let different =
                    Expect.failure<ArgumentException>(fun () -> sample.Zip(sample.Child "0", (fun a _ -> a)) |> ignore)

                Expect.contains "different paths" different.Message

            property "AllClose holds exactly within the tolerance"
            <| fun (values: FsCheck.NormalFloat list) (shift: FsCheck.NormalFloat) ->
                let values = values |> List.map _.Get
                let moved = values |> List.map (fun v -> v + shift.Get)
                let excess = moved |> List.map2 (fun v m -> abs (v - m)) values |> List.fold max 0.0

                (tree [ "a", values ]).AllClose(tree [ "a", moved ], 0.0, excess * 1.001)
                && (excess = 0.0
                    || not ((tree [ "a", values ]).AllClose(tree [ "a", moved ], 0.0, excess * 0.999)))

            property "a key's streams depend on names and indices, and on nothing else"
            <| fun (seed: int64) (letters: char list) (index: int64) ->
                let key = RandomKey.FromSeed seed
                let name = System.String(Array.ofList letters)

                key.Derive name = RandomKey.FromSeed(seed).Derive name
                && key.Derive index = key.Derive index
                && key.Derive name <> key
                && key.Derive index <> key.Derive(index + 1L)
                && key.Derive(string index) <> key.Derive index
                && key.Derive("a").Derive "b" <> key.Derive("b").Derive "a"
        ]
