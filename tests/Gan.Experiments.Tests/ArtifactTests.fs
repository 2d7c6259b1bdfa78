module Gan.Experiments.Tests.ArtifactTests

open System
open System.IO
open Expecto
open Gan.Core
open Gan.Experiments
open TorchSharp
open Gan.Testing
open Gan.Testing.Tensors

/// A picture written to a file and read again.
let private again (picture: Picture) =
    let file = Path.Combine(Places.newFolder (), "picture.png")
    File.WriteAllBytes(file, picture.Encode())
    Picture.Read file

let private random seed width height channels =
    let pixels = Array.zeroCreate<byte>(width * height * channels)
    Random(seed).NextBytes pixels
    Picture(width, height, channels, pixels)

let private refusal (bytes: byte array) =
    let file = Path.Combine(Places.newFolder (), "picture.png")
    File.WriteAllBytes(file, bytes)
    (Expect.failure<UserException>(fun () -> Picture.Read file |> ignore)).Message

let tests =
    testList
        "Artifact"
        [
            propertyOf 50 "a PNG is its picture again"
            <| fun (width: FsCheck.PositiveInt) (height: FsCheck.PositiveInt) (color: bool) (seed: int) ->
                let picture = random seed width.Get height.Get (if color then 3 else 1)
                let read = again picture

                read.Channels = picture.Channels
                && read.Width = picture.Width
                && read.Height = picture.Height
                && read.Pixels = picture.Pixels
                && picture.Encode() = picture.Encode()

            testCase "a file that is no picture, is cut off or claims too much is refused with its name"
            <| fun () ->
                let whole = (random 1 40 30 3).Encode()
                let wide = Array.copy whole
                // The width in the header, and the header's checksum, which is then wrong as well.
                wide[16] <- 0x7fuy

                for part, bytes in
                    [
                        "it is no PNG", [||]
                        "it is no PNG", "<html>"B
                        "it is cut off", whole[.. whole.Length / 2]
                        "cannot be read", wide
                    ] do
                    let said = refusal bytes
                    Expect.contains part said
                    Expect.contains "picture.png" said

                Expect.contains
                    "it "
                    (Expect.failure<UserException>(fun () -> Picture.Read "nothing.png" |> ignore)).Message

            testCase "a camera's picture is upright, whichever side its tag says is up"
            <| fun () ->
                use bitmap = new SkiaSharp.SKBitmap(16, 8)

                for x in 0..15 do
                    for y in 0..7 do
                        bitmap.SetPixel(
                            x,
                            y,
                            (if x < 8 then
                                 SkiaSharp.SKColors.Black
                             else
                                 SkiaSharp.SKColors.White)
                        )

                use encoded = nonNull (bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Jpeg, 100))
                let jpeg = encoded.ToArray()

                /// The picture with a tag of Exif's; whether it stands upright, and is dark at its first and last pixel.
                let seen (tag: int) =
                    let exif =
                        [|
                            yield! [| 0xFFuy; 0xE1uy; 0uy; 34uy |]
                            yield! "Exif\000\000MM\000\042\000\000\000\008\000\001"B
                            yield!
                                [|
                                    1uy
                                    0x12uy
                                    0uy
                                    3uy
                                    0uy
                                    0uy
                                    0uy
                                    1uy
                                    0uy
                                    byte tag
                                    0uy
                                    0uy
                                    0uy
                                    0uy
                                    0uy
                                    0uy
                                |]
                        |]

                    let file = Path.Combine(Places.newFolder (), "camera.jpg")
                    File.WriteAllBytes(file, Array.concat [ jpeg[..1]; exif; jpeg[2..] ])
                    let picture = Picture.Read file
                    picture.Height > picture.Width, picture.Pixels[0] < 128uy, Array.last picture.Pixels < 128uy

                Expect.equal (false, true, false) (seen 1)
                Expect.equal (false, false, true) (seen 2)
                Expect.equal (false, false, true) (seen 3)
                Expect.equal (false, true, false) (seen 4)
                Expect.equal (true, true, false) (seen 5)
                Expect.equal (true, true, false) (seen 6)
                Expect.equal (true, false, true) (seen 7)
                Expect.equal (true, false, true) (seen 8)

            testCase "what can be seen through is laid on white"
            <| fun () ->
                use bitmap = new SkiaSharp.SKBitmap(2, 1)
                bitmap.SetPixel(0, 0, SkiaSharp.SKColor(255uy, 0uy, 0uy, 0uy))
                bitmap.SetPixel(1, 0, SkiaSharp.SKColor(255uy, 0uy, 0uy, 255uy))
                let file = Path.Combine(Places.newFolder (), "red.png")
                use encoded = nonNull (bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100))
                File.WriteAllBytes(file, encoded.ToArray())
                Expect.equal [| 255uy; 255uy; 255uy; 255uy; 0uy; 0uy |] (Picture.Read file).Pixels

            testCase "a file that many write at once is whole, and nobody fails"
            <| fun () ->
                let file = Path.Combine(Places.newFolder (), "shared")
                let text (i: int) = String('x', 100_000) + string i

                System.Threading.Tasks.Parallel.For(0, 200, (fun i -> AtomicFile.WriteText(file, text (i % 10))))
                |> ignore

                Expect.equal 100_001 (File.ReadAllText file).Length
                Expect.equal 1 (Directory.GetFiles(nonNull (Path.GetDirectoryName file))).Length

            testCase "a grid of images has them in order, inside a border"
            <| fun () ->
                let space = Space.Image(1, 2, 2, ValueRange.Unit)
                let images = float64 [ 4; 1; 2; 2 ] (Seq.init 16 (fun i -> float i / 15.0))
                let picture = SamplePictures.Of(space, Sample(NamedTensor("image", images)), null)
                let cell = 2 * 32 + 2
                Expect.equal (2 * cell, 2 * cell) (picture.Width, picture.Height)
                let at x y = picture.Pixels[y * picture.Width + x]
                Expect.equal 0uy (at 0 0)
                Expect.equal (byte (Math.Round(255.0 * 5.0 / 15.0))) (at (cell + 1 + 32) 1)
                Expect.equal 255uy (at (2 * cell - 2) (2 * cell - 2))

            testCase "every space has a picture, points that are not numbers included"
            <| fun () ->
                let draw (space: Space) =
                    Sample
                        [|
                            for c in space.Components ->
                                NamedTensor(c.Name, (torch.zeros ([| 9L; yield! Seq.map int64 c.Shape |])).Plus(nan))
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
                    again (SamplePictures.Of(space, draw space, null)) |> ignore

            testCase "step images have MLflow's names, once a step"
            <| fun () ->
                let folder = Places.newFolder ()
                let picture = Picture(1, 1, 1, [| 7uy |])
                let first = StepFiles.SavePicture(folder, "samples/raw", 5L, picture)
                Expect.equal first (StepFiles.SavePicture(folder, "samples/raw", 5L, picture))
                Expect.equal 2 (Directory.GetFiles folder).Length

                let pattern =
                    @"^samples~raw\+step\+5\+timestamp\+\d{13}\+[0-9a-f-]{36}(\+compressed)?\.png$"

                for file in Directory.GetFiles folder do
                    Expect.holds (Text.RegularExpressions.Regex.IsMatch(nonNull (Path.GetFileName file), pattern)) file

            testCase "a WAV file has its samples, cut off beyond full scale"
            <| fun () ->
                let bytes = Wav.Encode([| 0.0f; 1.0f; -1.0f; 5.0f; nanf; 0.5f |], 8000)
                Expect.equal "RIFF" (Text.Encoding.ASCII.GetString(bytes, 0, 4))
                Expect.equal "WAVEfmt " (Text.Encoding.ASCII.GetString(bytes, 8, 8))
                Expect.equal (bytes.Length - 8) (BitConverter.ToInt32(bytes, 4))
                Expect.equal 8000 (BitConverter.ToInt32(bytes, 24))
                Expect.equal 12 (BitConverter.ToInt32(bytes, 40))

                Expect.equal
                    [ 0s; 32767s; -32767s; 32767s; 0s; 16384s ]
                    [ for i in 0..5 -> BitConverter.ToInt16(bytes, 44 + 2 * i) ]

            testCase "what is heard is the first eight waveforms with pauses between, and nothing of silent spaces"
            <| fun () ->
                let audio = Space.Audio(100, 8000)
                let wave = Sample(NamedTensor("audio", torch.zeros [| 12L; 1L; 100L |]))
                Expect.equal (44 + 2 * 8 * (100 + 1200)) (nonNull (SampleSounds.Of(audio, wave))).Length
                let image = Space.Image(1, 2, 2, ValueRange.Unit)

                Expect.holds
                    (isNull (SampleSounds.Of(image, Sample(NamedTensor("image", torch.zeros [| 3L; 1L; 2L; 2L |])))))
                    "an image"

            testCase "a run leaves its log, its evaluations as a table, and what it sounds like"
            <| fun () ->
                let folder = Places.newFolder ()

                File.WriteAllText(
                    Path.Combine(folder, "tones.yaml"),
                    """steps: 20
data: {kind: tones, samples: 64}
batch: 8
generator: {kind: mlp, widths: [8]}
discriminator: {kind: mlp, widths: [8]}
loss: hinge
generator_optimizer: adam
discriminator_optimizer: adam
evaluation: {every: 10, points: 20}
samples: {every: 10, count: 4}
"""
                )

                Cli.runOk folder [ "train"; "tones.yaml"; "--json" ] |> ignore
                let run = RunIndex.Find(Path.Combine(folder, "mlflow.db"), "tones")
                let log = File.ReadAllText run.Folder.Log
                Expect.contains "started at step 0" log
                Expect.contains "finished at step 20" log

                let table =
                    Text.Json.JsonDocument.Parse(
                        File.ReadAllText(Path.Combine(run.Folder.Artifacts, "evaluation.json"))
                    )

                let columns = table.RootElement.GetProperty "columns"
                Expect.equal "step" (columns[0].ToString())
                Expect.equal 2 (table.RootElement.GetProperty("data").GetArrayLength())
                Expect.contains "evaluation.json" (RunIndex.Values run).Tags["mlflow.loggedArtifacts"]
                Expect.equal 2 (Directory.GetFiles(run.Folder.Sounds, "samples~raw+step+*.wav")).Length
                Cli.runOk folder [ "report"; "tones" ] |> ignore
                Expect.contains "data:audio/wav;base64" (File.ReadAllText(Path.Combine(folder, "report.html")))
        ]
