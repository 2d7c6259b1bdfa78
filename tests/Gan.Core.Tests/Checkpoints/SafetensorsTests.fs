module Gan.Core.Tests.SafetensorsTests

open System
open System.Collections.Generic
open System.IO
open Expecto
open TorchSharp
open Gan.Core
open Gan.Testing
open Gan.Testing.Tensors

let private write (tensors: (string * Tensor) list) (metadata: (string * string) list) =
    use stream = new MemoryStream()
    Safetensors.Write(stream, [ for name, tensor in tensors -> KeyValuePair(name, tensor) ], readOnlyDict metadata)
    stream.ToArray()

let private sample =
    [
        "a", torch.tensor [| 1.5; -0.0; Double.NaN; Double.PositiveInfinity |]
        "b/c", torch.ones [| 2L; 3L |]
        "empty", torch.zeros [| 0L; 4L |]
        "scalar", torch.tensor 42L
        "mask", torch.tensor [| true; false |]
    ]

let tests =
    testList
        "Safetensors"
        [
            testCase "what is written is read, to the bit"
            <| fun () ->
                let bytes = write sample [ "k", "v \"quoted\"" ]
                let read = Safetensors.Read(new MemoryStream(bytes))
                Expect.equal sample.Length read.Count

                for name, tensor in sample do
                    Expect.equal tensor.shape read[name].shape
                    Expect.equal tensor.dtype read[name].dtype
                    Expect.equal (TensorData.ToBytes tensor) (TensorData.ToBytes read[name])

                Expect.equal "v \"quoted\"" (Safetensors.ReadMetadata(new MemoryStream(bytes))["k"])

            propertyOf 300 "a damaged file is refused by name, whatever is damaged"
            <| fun (position: FsCheck.NonNegativeInt) (value: byte) (cut: bool) ->
                let bytes = write sample []
                let place = position.Get % bytes.Length

                if cut then
                    Expect.failure<InvalidDataException>(fun () ->
                        Safetensors.Read(new MemoryStream(bytes[.. place - 1])) |> ignore)
                    |> ignore
                else
                    bytes[place] <- value

                    try
                        Safetensors.Read(new MemoryStream(bytes)) |> ignore
                    with :? InvalidDataException ->
                        ()
        ]
