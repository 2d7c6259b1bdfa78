module Gan.Experiments.Tests.ArtifactTests

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open NUnit.Framework
open FsCheck.NUnit
open Gan.Core
open Gan.Experiments
open Gan.Torch
open Gan.Testing
open Gan.Testing.Tensors

/// Reads a PNG as the standard says, checking every chunk's checksum.
let private decode (file: byte array) =
    let crc (data: byte seq) =
        let mutable c = UInt32.MaxValue

        for b in data do
            c <- c ^^^ uint32 b

            for _ in 1..8 do
                c <- if c &&& 1u = 1u then (c >>> 1) ^^^ 0xEDB88320u else c >>> 1

        ~~~c

    let rec chunks at =
        if at >= file.Length then
            []
        else
            let length = BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(file, at, 4))
            let kind = Text.Encoding.ASCII.GetString(file, at + 4, 4)
            let data = file[at + 8 .. at + 7 + length]

            Expect.equal
                (crc file[at + 4 .. at + 7 + length])
                (BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(file, at + 8 + length, 4)))

            (kind, data) :: chunks (at + 12 + length)

    Expect.equal [| 0x89uy; 0x50uy; 0x4euy; 0x47uy; 13uy; 10uy; 26uy; 10uy |] file[..7]
    let chunks = chunks 8
    Expect.equal [ "IHDR"; "IDAT"; "IEND" ] (List.map fst chunks)
    let header = snd chunks[0]

    let width, height =
        int header[3] + 256 * int header[2], int header[7] + 256 * int header[6]

    let channels = if header[9] = 2uy then 3 else 1
    use inflated = new MemoryStream()

    use zlib =
        new ZLibStream(new MemoryStream(snd chunks[1]), CompressionMode.Decompress)

    zlib.CopyTo inflated
    let rows = inflated.ToArray() |> Array.chunkBySize (1 + width * channels)
    Expect.equal height rows.Length
    width, height, channels, rows |> Array.collect Array.tail

[<Property(MaxTest = 50)>]
let ``a PNG is its picture again``
    (width: FsCheck.PositiveInt)
    (height: FsCheck.PositiveInt)
    (colour: bool)
    (seed: int)
    =
    let channels = if colour then 3 else 1
    let pixels = Array.zeroCreate<byte>(width.Get * height.Get * channels)
    Random(seed).NextBytes pixels
    decode (Png.Encode(Picture(width.Get, height.Get, channels, pixels))) = (width.Get, height.Get, channels, pixels)

[<Test>]
let ``a grid of images has them in order, inside a border`` () =
    let space = Space.Image(1, 2, 2, ValueRange.Unit)
    let images = float64 [ 4; 1; 2; 2 ] (Seq.init 16 (fun i -> float i / 15.0))
    let picture = SamplePictures.Of(space, Sample(NamedTensor("image", images)), null)
    let cell = 2 * 32 + 2
    Expect.equal (2 * cell, 2 * cell) (picture.Width, picture.Height)
    let at x y = picture.Pixels[y * picture.Width + x]
    Expect.equal 0uy (at 0 0)
    Expect.equal (byte (Math.Round(255.0 * 5.0 / 15.0))) (at (cell + 1 + 32) 1)
    Expect.equal 255uy (at (2 * cell - 2) (2 * cell - 2))

[<Test>]
let ``every space has a picture, points that are not numbers included`` () =
    let draw (space: Space) =
        Sample
            [|
                for c in space.Components ->
                    NamedTensor(c.Name, torch.full ([| 9L; yield! Seq.map int64 c.Shape |], Scalar.op_Implicit nan))
            |]

    let spaces: Space list =
        [
            Space.Image(3, 4, 4, ValueRange.Symmetric)
            Space.Audio(100, 8000)
            Space.Vector(2, ValueRange.Unbounded)
            Space.Vector(10, ValueRange.Unit)
            Space.Product(
                Space.Factor("picture", Space.Image(1, 4, 4, ValueRange.Unit)),
                Space.Factor("sound", Space.Audio(50, 8000))
            )
        ]

    for space in spaces do
        decode (Png.Encode(SamplePictures.Of(space, draw space, null))) |> ignore

[<Test>]
let ``step images have MLflow's names, once a step`` () =
    let folder = Places.newFolder ()
    let picture = Picture(1, 1, 1, [| 7uy |])
    let first = StepFiles.SavePicture(folder, "samples/raw", 5L, picture)
    Expect.equal first (StepFiles.SavePicture(folder, "samples/raw", 5L, picture))
    Expect.equal 2 (Directory.GetFiles folder).Length

    let pattern =
        @"^samples~raw\+step\+5\+timestamp\+\d{13}\+[0-9a-f-]{36}(\+compressed)?\.png$"

    for file in Directory.GetFiles folder do
        Expect.holds (Text.RegularExpressions.Regex.IsMatch(nonNull (Path.GetFileName file), pattern)) file
