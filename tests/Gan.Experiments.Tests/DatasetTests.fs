module Gan.Experiments.Tests.DatasetTests

open System.IO
open System.IO.Compression
open Expecto
open Gan.Core
open Gan.Experiments
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

let private key = RandomKey.FromSeed 3L

let private source (yaml: string) =
    SpecReader.Of(SpecDocument.Parse("test", $"data: {yaml}")).Choice("data", DatasetCatalog.Datasets)

/// Every data set that needs no folder: the rows of these laws.
let private made =
    [
        "ring"
        "grid"
        "dirac"
        "swiss_roll"
        "{kind: glyphs, count: 100}"
        "{kind: glyph_factors, count: 100}"
        "{kind: tones, samples: 2000, sample_rate: 8000}"
    ]

let private idx (count: int) (pixels: int) =
    let bigEndian (n: int) =
        [| byte (n >>> 24); byte (n >>> 16); byte (n >>> 8); byte n |]

    Array.concat
        [
            bigEndian 0x803
            bigEndian count
            bigEndian 28
            bigEndian 28
            [| for i in 0 .. pixels - 1 -> byte (i % 251) |]
        ]

let private folderWith (files: (string * byte array) list) =
    let folder = Places.newFolder ()

    for name, bytes in files do
        File.WriteAllBytes(Path.Combine(folder, name), bytes)

    folder

let private gzip (bytes: byte array) =
    use packed = new MemoryStream()

    do
        use stream = new GZipStream(packed, CompressionLevel.Fastest)
        stream.Write(bytes, 0, bytes.Length)

    packed.ToArray()

let private openMnist (folder: string) =
    (source $"{{kind: mnist, folder: '{folder}'}}").Open()

let tests =
    testList
        "Dataset"
        [
            testList
                "a batch is of its space, finite, in its range, and a function of the position"
                [
                    for yaml in made do
                        testCase yaml
                        <| fun () ->
                            let source = source yaml
                            let data = source.Open()

                            let draw position count =
                                data.Draw(key, position, count, torch.ScalarType.Float32).Sample

                            source.Space.Validate(draw 0L 6, yaml)
                            let values = elements ((draw 0L 6).ToMatrix())
                            Expect.holds (Array.forall System.Double.IsFinite values) "not finite"

                            match source.Space.Components[0].Range with
                            | ValueRange.Symmetric ->
                                Expect.holds (values |> Array.forall (fun v -> abs v <= 1.0)) "outside [-1, 1]"
                            | ValueRange.Unit ->
                                Expect.holds (values |> Array.forall (fun v -> v >= 0.0 && v <= 1.0)) "outside [0, 1]"
                            | _ -> ()

                            Expect.equal
                                (elements ((draw 12L 6).ToMatrix()))
                                (elements (
                                    (source.Open().Draw(key, 12L, 6, torch.ScalarType.Float32).Sample).ToMatrix()
                                ))

                            if source.Kind <> "dirac" then
                                Expect.holds
                                    (elements ((draw 0L 6).ToMatrix()) <> elements ((draw 6L 6).ToMatrix()))
                                    "two positions give the same points"
                ]

            testCase "an epoch has every point once, and epochs differ in order"
            <| fun () ->
                let data = (source "{kind: glyphs, count: 100}").Open()

                let indices position count =
                    TensorData.ToArray<int64>(data.Draw(key, position, count, torch.ScalarType.Float32).Index)

                let first, second = indices 0L 100, indices 100L 100
                Expect.equal [| 0L .. 99L |] (Array.sort first)
                Expect.equal [| 0L .. 99L |] (Array.sort second)
                Expect.holds (first <> second) "two epochs have one order"
                // A batch across the border is the end of one epoch and the beginning of the next.
                Expect.equal (Array.append first[90..] second[..9]) (indices 90L 20)

            testCase "glyphs are painted from their factors"
            <| fun () ->
                let glyphs = Glyph.Draw(RandomKey.FromSeed 0L, 1000)

                let ink (glyph: Glyph) =
                    let pixels = Array.zeroCreate<byte> 784
                    GlyphPainter.Paint(glyph, System.Span pixels)
                    pixels

                let mass glyph = ink glyph |> Array.sumBy float

                for glyph in glyphs do
                    Expect.holds (mass glyph > 255.0 * 20.0) $"a {glyph.Digit} without ink"

                    Expect.holds
                        (glyph.Factors |> Array.forall (fun f -> f >= 0.0 && f <= 1.0))
                        "a factor outside [0, 1]"

                let base' = glyphs[0]
                let thin = Glyph(base'.Digit, 0.5, 0.1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
                let bold = Glyph(base'.Digit, 0.5, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
                Expect.holds (mass bold > 1.4 * mass thin) "a bold glyph is no heavier"

                let center (glyph: Glyph) =
                    let pixels = ink glyph

                    (pixels |> Array.mapi (fun i p -> float (i % 28) * float p) |> Array.sum)
                    / mass glyph

                let moved = Glyph(base'.Digit, 0.5, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5, 0.5)
                let home = Glyph(base'.Digit, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
                Expect.within 0.3 2.5 (center moved - center home)
                Expect.equal "a middling plain zero upright" (Glyph(0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5)).Caption

            testCase "tones have the pitch and the loudness they say"
            <| fun () ->
                let wave =
                    (source "tones").Open().Draw(key, 0L, 16, torch.ScalarType.Float64).Sample.Single

                for i in 0..15 do
                    let samples = elements (wave.select (0, int64 i))

                    let crossings =
                        samples
                        |> Array.pairwise
                        |> Array.filter (fun (a, b) -> a < 0.0 && b >= 0.0)
                        |> Array.length
                    // Crossings a second are hertz; some of the decayed end may be lost.
                    Expect.holds (crossings >= 100 && crossings <= 890) $"{crossings} Hz"
                    let peak = samples |> Array.map abs |> Array.max
                    Expect.holds (peak > 0.2 && peak <= 0.9) $"peak {peak}"

            testCase "IDX pictures are read packed or not, the training ones first"
            <| fun () ->
                let plain = openMnist (folderWith [ "t10k-images-idx3-ubyte", idx 3 (3 * 784) ])
                Expect.equal 3L plain.Count.Value

                let packed =
                    openMnist (folderWith [ "t10k-images-idx3-ubyte.gz", gzip (idx 3 (3 * 784)) ])

                Expect.equal plain.Digest packed.Digest

                let both =
                    folderWith
                        [
                            "train-images.idx3-ubyte", idx 5 (5 * 784)
                            "t10k-images-idx3-ubyte", idx 3 (3 * 784)
                        ]

                Expect.equal 5L (openMnist both).Count.Value

            testCase "broken picture files are refused in a sentence"
            <| fun () ->
                let refusal files =
                    (Expect.failure<UserException>(fun () -> openMnist (folderWith files) |> ignore)).Message

                Expect.contains "cut short" (refusal [ "t10k-images-idx3-ubyte", idx 3 784 ])
                Expect.contains "cut short" (refusal [ "t10k-images-idx3-ubyte", idx 9_000_000 784 ])
                Expect.contains "more than its header says" (refusal [ "t10k-images-idx3-ubyte", idx 1 (2 * 784) ])
                Expect.contains "ends inside its header" (refusal [ "t10k-images-idx3-ubyte", [| 0uy; 0uy; 8uy |] ])
                Expect.contains "no IDX file of pictures" (refusal [ "t10k-images-idx3-ubyte", Array.create 5000 1uy ])
                Expect.contains "cannot be unpacked" (refusal [ "t10k-images-idx3-ubyte.gz", idx 1 784 ])
                Expect.contains "holds no IDX pictures" (refusal [])

                Expect.contains
                    "There is no folder"
                    (Expect.failure<UserException>(fun () -> openMnist "/nowhere" |> ignore)).Message

            testCase "CIFAR-10 records become color pictures"
            <| fun () ->
                let record label =
                    Array.append [| label |] [| for i in 0..3071 -> byte (i / 1024 * 100) |]

                let folder =
                    folderWith
                        [
                            "data_batch_1.bin", Array.append (record 1uy) (record 2uy)
                            "data_batch_2.bin", record 3uy
                        ]

                let data = (source $"{{kind: cifar10, folder: '{folder}', range: unit}}").Open()
                Expect.equal 3L data.Count.Value
                let image = data.Draw(key, 0L, 1, torch.ScalarType.Float64).Sample.Single

                requireClose
                    1e-6
                    (elements (image.select(0, 0L).amax [| 1L; 2L |]))
                    [ 0.0; 100.0 / 255.0; 200.0 / 255.0 ]
                    "channels"

                let cut = folderWith [ "data_batch_1.bin", (record 1uy)[..100] ]

                Expect.contains
                    "cut short"
                    (Expect.failure<UserException>(fun () ->
                        (source $"{{kind: cifar10, folder: '{cut}'}}").Open() |> ignore))
                        .Message

            testCase "points that are not numbers are refused"
            <| fun () ->
                let points = float64 [ 2; 1 ] [ 1.0; nan ]

                let failure =
                    Expect.failure<UserException>(fun () ->
                        StoredDataset(Space.Vector(1, ValueRange.Unbounded), points, 1.0, 0.0) |> ignore)

                Expect.contains "NaN or infinite" failure.Message

            testCase "real MNIST is read"
            <| fun () ->
                match Places.data with
                | None -> skiptest "no folder of real data: set GAN_DATA"
                | Some folder ->
                    let data = openMnist (Path.Combine(folder, "mnist"))
                    Expect.equal 10_000L data.Count.Value

                    let mean =
                        value (data.Draw(key, 0L, 10_000, torch.ScalarType.Float32).Sample.Single.mean())
                    // The test pictures' known mean of 0.1325, in [-1, 1].
                    Expect.within 0.001 (2.0 * 0.1325 - 1.0) mean
        ]
