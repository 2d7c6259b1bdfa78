/// Losses, penalties, networks, metrics and systems of one's own, as specs name them.
module Gan.Cli.Tests.ExtensionTests

open System.IO
open System.Text.Json
open Expecto
open Gan.Testing

let private folder = Path.Combine(Places.root, "docs", "examples", "extensions")

let private scripts =
    [
        for file in Directory.GetFiles(folder, "*.fsx") -> nonNull (Path.GetFileName file)
    ]
    |> List.sort

/// A folder with the spec of the own loss, and its script.
let private withLoss () =
    let place = Places.newFolder ()

    for file in [ "own-losses.fsx"; "own-losses-ring.yaml"; "own-losses.yaml" ] do
        File.Copy(Path.Combine(folder, file), Path.Combine(place, file))

    place

let private short =
    [
        "--set"
        "steps=60"
        "--set"
        "checkpoints.every=10"
        "--set"
        "threads=1"
        "--json"
    ]

let private train place more =
    (Cli.runOk place ([ "train"; "own-losses-ring.yaml" ] @ short @ more)).Last

let private hash (last: JsonElement) =
    string (last.GetProperty("state_hash").GetString())

/// An extension of one loss, its generator's side as given.
let private lossOf generator =
    $"""open Gan.Core
open Gan.Experiments

let loss =
    {{ new IAdversarialLoss with
        member _.Discriminator input = Term(input.Fake.Logits.mean() - input.Real.Logits.mean())
        member _.Generator input = Term({generator})
    }}

let extend (catalogs: Catalogs) =
    catalogs.WithLoss(CatalogEntry("mine", "a loss", (fun _ -> loss)))
"""

let private write (text: string) =
    let place = Places.newFolder ()
    File.WriteAllText(Path.Combine(place, "mine.fsx"), text)
    place

let tests =
    testList
        "Extension"
        [
            testCase "the laws hold for every example"
            <| fun () ->
                let finished = Cli.run folder ("laws" :: scripts)
                Expect.holds (finished.Code = 0) $"{finished.Error}{finished.Out}"

                for name in [ "exponential"; "drift"; "sine"; "siren"; "reach"; "infogan" ] do
                    Expect.contains $"holds   {name}: " finished.Out

            testCase "README.md shows the example as it is"
            <| fun () ->
                let readme = File.ReadAllText(Path.Combine(Places.root, "README.md"))
                Expect.contains (File.ReadAllText(Path.Combine(folder, "own-losses.fsx"))) readme

            testCase "a loss of one's own is swept beside the library's, and ranked"
            <| fun () ->
                let place = withLoss ()

                let set =
                    [
                        "--set"
                        "set.steps=20"
                        "--set"
                        "set.evaluation.every=10"
                        "--workers"
                        "2"
                        "--json"
                    ]

                Cli.runOk place ([ "sweep"; "own-losses.yaml" ] @ set) |> ignore
                let compared = Cli.runOk place [ "compare"; "own-losses" ]
                Expect.contains "loss=exponential" compared.Out
                Expect.contains "loss=hinge" compared.Out

            testCase "a run with it is killed and resumed bit for bit, from the file that the run keeps"
            <| fun () ->
                let undisturbed = hash (train (withLoss ()) [])
                let place = withLoss ()

                do
                    use running =
                        Cli.start place [] ([ "train"; "own-losses-ring.yaml" ] @ short @ [ "--set"; "log_every=1" ])

                    let mutable saved = false

                    while not saved do
                        let line = nonNull (running.StandardOutput.ReadLine())
                        saved <- line.Contains "checkpoint_saved"

                    running.Kill()
                    running.WaitForExit()

                File.Delete(Path.Combine(place, "own-losses.fsx"))

                let resumed =
                    (Cli.runOk place [ "train"; "--resume"; "own-losses"; "--set"; "log_every=10"; "--json" ]).Last

                Expect.equal undisturbed (hash resumed)

            testCase "a resume by another script is refused"
            <| fun () ->
                let place = withLoss ()
                train place [ "--set"; "steps=20" ] |> ignore
                let script = Path.Combine(place, "own-losses.fsx")
                File.AppendAllText(script, "\n// another\n")

                let finished =
                    Cli.run place ([ "train"; "own-losses-ring.yaml"; "--resume"; "own-losses" ] @ short)

                Expect.holds (finished.Code <> 0) finished.Out
                Expect.contains "extensions" finished.Error

            testCase "a run's own copy that was changed is refused"
            <| fun () ->
                let place = withLoss ()
                train place [ "--set"; "steps=20" ] |> ignore

                let kept =
                    Directory.GetFiles(place, "own-losses.fsx", SearchOption.AllDirectories)
                    |> Array.find (fun file -> file.Contains "artifacts")

                File.AppendAllText(kept, "\n// another\n")
                let finished = Cli.run place [ "train"; "--resume"; "own-losses" ]
                Expect.equal 2 finished.Code
                Expect.contains "has changed since the run began" finished.Error

            testCase "the command line names an extension, and lists what it adds"
            <| fun () ->
                let place = write (lossOf "-input.Fake.Logits.mean()")
                let listed = Cli.runOk place [ "list"; "losses"; "--extension"; "mine.fsx" ]
                Expect.contains "mine" listed.Out
                let ring = Path.Combine(Places.root, "experiments", "ring.yaml")

                let set =
                    [
                        "--set"
                        "loss=mine"
                        "--set"
                        "steps=5"
                        "--set"
                        "evaluation.every=0"
                        "--json"
                    ]

                let last =
                    (Cli.runOk place ([ "train"; ring; "--extension"; "mine.fsx" ] @ set)).Last

                Expect.equal "finished" (string (last.GetProperty("ending").GetString()))

            testCase "a loss that breaks a law is named with the law"
            <| fun () ->
                let broken =
                    [
                        "unsaid", "-input.Real.Logits.mean()", "reads real points only where the loss says so"
                        "detached",
                        "input.Fake.Logits.detach().square().mean() + input.Fake.Logits.mean()",
                        "the generator's loss has the derivative of its value"
                        "first", "input.Fake.Logits.narrow(0, 0, 1).mean()", "does not see the order of a batch"
                    ]

                let place = Places.newFolder ()

                for name, generator, _ in broken do
                    File.WriteAllText(
                        Path.Combine(place, $"{name}.fsx"),
                        (lossOf generator).Replace("\"mine\"", $"\"{name}\"")
                    )

                let finished =
                    Cli.run place ("laws" :: [ for name, _, _ in broken -> $"{name}.fsx" ])

                Expect.equal 1 finished.Code
                let lines = finished.Out.Split('\n') |> Array.filter _.StartsWith("BROKEN")

                for name, _, law in broken do
                    Expect.holds
                        (lines
                         |> Array.exists (fun line -> line.Contains $"{name}: " && line.Contains law))
                        finished.Out

            testList
                "what is no extension is refused with what is wrong"
                [
                    for text, sentence in
                        [
                            "let x : int = \"text\"", "mine.fsx(1,"
                            "let x = 1", "extends nothing"
                            (lossOf "input.Fake.Logits.mean()").Replace("\"mine\"", "\"hinge\""),
                            "'hinge' is already among the losses"
                            "let extend (catalogs: Gan.Experiments.Catalogs) : Gan.Experiments.Catalogs = failwith \"no\"",
                            "failed: no"
                        ] do
                        testCase sentence
                        <| fun () ->
                            let finished = Cli.run (write text) [ "laws"; "mine.fsx" ]
                            Expect.equal 1 finished.Code
                            Expect.contains sentence finished.Error
                ]

            testCase "a missing file is named"
            <| fun () ->
                let finished = Cli.run (Places.newFolder ()) [ "laws"; "none.fsx" ]
                Expect.contains "There is no extension 'none.fsx'" finished.Error
        ]
