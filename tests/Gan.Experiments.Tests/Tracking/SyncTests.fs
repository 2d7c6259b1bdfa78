/// What a training's server did not get, gan sync brings there, and to nobody else.
module Gan.Experiments.Tests.SyncTests

open System
open System.IO
open System.Text.Json
open Expecto
open Gan.Experiments
open Gan.Testing

let private spec =
    """steps: 300
data: ring
batch: 32
generator: {kind: mlp, widths: [16]}
discriminator: {kind: mlp, widths: [16]}
loss: hinge
generator_optimizer: adam
discriminator_optimizer: adam
threads: 1
log_every: 1
evaluation: {every: 100, points: 50}
samples: {every: 100, count: 9}
"""

let private train (address: string) =
    let folder = Places.newFolder ()
    File.WriteAllText(Path.Combine(folder, "spec.yaml"), spec)

    folder,
    Cli.runWith
        folder
        [ "MLFLOW_TRACKING_URI", address; "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.1" ]
        [ "train"; "spec.yaml"; "--json" ]

let private metricsOf folder =
    StoreTests.sqlite (Path.Combine(folder, "mlflow.db")) "SELECT count(*) FROM metrics"
    |> List.head
    |> int

let tests =
    testList
        "Sync"
        [
            testCase "a training tells a server everything, pictures and checkpoints included"
            <| fun () ->
                use server =
                    new FakeMlflow(fun request ->
                        if request % 5 = 0 then Refused 503
                        elif request % 7 = 0 then AnswerLost
                        else Healthy)

                let folder, finished = train server.Address
                Expect.equal 0 finished.Code
                Expect.equal "" finished.Error
                let run = List.exactlyOne server.Runs
                Expect.equal (metricsOf folder) run.Metrics.Count
                Expect.equal "FINISHED" (string run.Info["status"])

                let names =
                    server.Artifacts.Keys
                    |> Seq.map (fun path -> string (Path.GetFileName path))
                    |> List.ofSeq

                Expect.holds (List.contains "spec.json" names) "the spec is there"
                Expect.holds (names |> List.exists _.EndsWith(".safetensors")) "a checkpoint is there"
                Expect.holds (names |> List.exists _.StartsWith("samples~raw+step+300")) "the pictures are there"

            testCase "a dead server delays nothing, and gan sync finishes it from a copy of the folder"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                server.Stop()
                let folder, finished = train server.Address
                Expect.equal 0 finished.Code
                Expect.contains "gan sync" finished.Error
                Expect.contains "\"warning\"" finished.Out
                server.Start()
                // Another machine: another folder, another store.
                let elsewhere = Places.newFolder ()
                Directory.Move(Path.Combine(folder, "mlruns"), Path.Combine(elsewhere, "brought"))
                let synced = Cli.runOk elsewhere [ "sync"; "brought"; "--json" ]
                Expect.equal 0 (synced.Last.GetProperty("troubles").GetArrayLength())
                Expect.equal (metricsOf folder) (List.exactlyOne server.Runs).Metrics.Count
                Expect.equal (metricsOf folder) (metricsOf elsewhere)
                Expect.equal "FINISHED" (string (List.exactlyOne server.Runs).Info["status"])

            testCase "what comes from elsewhere gets no secret, and writes nowhere else"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                server.Stop()
                let folder, _ = train server.Address
                server.Start()
                let token = "MLFLOW_TRACKING_TOKEN", "secret"
                let elsewhere = Places.newFolder ()
                let brought = Path.Combine(elsewhere, "brought")
                Directory.Move(Path.Combine(folder, "mlruns"), brought)

                let run =
                    Directory.GetFiles(brought, "journal", SearchOption.AllDirectories)
                    |> Array.exactlyOne
                    |> Path.GetDirectoryName
                    |> nonNull

                // A link that says that a server on this machine wants the artifacts in a folder of ours.
                let victim = Directory.CreateDirectory(Path.Combine(elsewhere, "home")).FullName
                let address = Uri $"http://127.0.0.1:{Places.freePort ()}/"
                let key = ServerLink.KeyOf address

                File.WriteAllText(
                    Path.Combine(run, $"{key}.json"),
                    JsonSerializer.Serialize(
                        ServerLink(address.AbsoluteUri, "x", "0", victim, Collections.Generic.Dictionary())
                    )
                )

                File.WriteAllText(
                    Path.Combine(run, $"journal.{key}"),
                    string (FileInfo(Path.Combine(run, "journal")).Length)
                )

                let sync environment =
                    Cli.runWith
                        elsewhere
                        (("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0") :: environment)
                        [ "sync"; "brought" ]

                Expect.equal 1 (sync [ token ]).Code
                Expect.equal [ "" ] server.Authorizations
                Expect.equal "FINISHED" (string (List.exactlyOne server.Runs).Info["status"])
                sync [ token ] |> ignore
                Expect.equal 0 (Directory.GetFileSystemEntries victim).Length
                Expect.equal [ "" ] server.Authorizations
                // Named here, it is told who we are.
                File.Delete(Path.Combine(run, $"{key}.json"))
                File.AppendAllText(Path.Combine(run, "artifacts", "log.txt"), "more")
                Expect.equal 0 (sync [ token; "MLFLOW_TRACKING_URI", server.Address ]).Code
                Expect.holds (List.contains "Bearer secret" server.Authorizations) "the token"

            testCase "an old copy of a run does not end the run"
            <| fun () ->
                let folder, _ = train ""

                let run =
                    Directory.GetFiles(folder, "journal", SearchOption.AllDirectories)
                    |> Array.exactlyOne
                    |> Path.GetDirectoryName
                    |> nonNull

                let copy = Path.Combine(folder, "backup", string (Path.GetFileName run))
                Directory.CreateDirectory copy |> ignore
                let bytes = File.ReadAllBytes(Path.Combine(run, "journal"))
                File.WriteAllBytes(Path.Combine(copy, "journal"), bytes[.. bytes.Length / 2])
                let synced = Cli.run folder [ "sync"; "backup" ]
                Expect.equal 1 synced.Code
                Expect.contains "is a copy of the run in" synced.Error
                Expect.contains "FINISHED" (Cli.runOk folder [ "runs" ]).Out

            testCase "gan sync writes into nothing that is not a run's journal"
            <| fun () ->
                let folder = Places.newFolder ()
                let notes = Path.Combine(folder, "brought", "notes")
                Directory.CreateDirectory notes |> ignore
                File.WriteAllText(Path.Combine(notes, "journal"), "my diary")
                let synced = Cli.run folder [ "sync"; "brought" ]
                Expect.equal 1 synced.Code
                Expect.contains "is no journal of a run" synced.Error
                Expect.equal "my diary" (File.ReadAllText(Path.Combine(notes, "journal")))
                Expect.equal 1 (Directory.GetFiles notes).Length

            testCase "a journal that is damaged in its middle is told of, and kept"
            <| fun () ->
                let folder, _ = train ""
                let elsewhere = Places.newFolder ()
                Directory.Move(Path.Combine(folder, "mlruns"), Path.Combine(elsewhere, "brought"))

                let journal =
                    Directory.GetFiles(elsewhere, "journal", SearchOption.AllDirectories)
                    |> Array.exactlyOne

                let bytes = File.ReadAllBytes journal
                bytes[bytes.Length / 2] <- bytes[bytes.Length / 2] ^^^ 1uy
                File.WriteAllBytes(journal, bytes)
                let synced = Cli.run elsewhere [ "sync"; "brought" ]
                Expect.equal 1 synced.Code
                Expect.contains "is damaged at byte" synced.Error
                Expect.equal bytes (File.ReadAllBytes(journal + ".damaged"))
                Expect.equal 0 (Cli.run elsewhere [ "sync"; "brought" ]).Code

            testCase "a server that does not know us ends the command before the first step"
            <| fun () ->
                AnswerTests.answering 401 "text/html" "<html>" (fun address ->
                    let _, finished = train (address.AbsoluteUri)
                    Expect.equal 1 finished.Code
                    Expect.contains "MLFLOW_TRACKING_USERNAME" finished.Error)
        ]
