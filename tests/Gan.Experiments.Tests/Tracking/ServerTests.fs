/// An MLflow server is told everything once, whatever happens on the way.
module Gan.Experiments.Tests.ServerTests

open System
open System.IO
open System.Text.Json.Nodes
open System.Threading
open Expecto
open FsCheck
open FsCheck.FSharp
open Gan.Experiments
open Gan.Testing

/// As the official client's, without the waiting.
let internal quick =
    ServerSettings(BackoffFactor = 0.0, BackoffJitter = 0.0, Timeout = TimeSpan.FromSeconds 1.0, MaxRetries = 2)

let private newRun () =
    let folder =
        RunFolder(Guid.NewGuid().ToString "N", Path.Combine(Places.newFolder (), "run"))

    folder.Create()
    folder

let private append (folder: RunFolder) (records: JournalRecord list) =
    use journal = Journal.Open(folder.Journal, ignore)
    List.iter journal.Append records

let private started (folder: RunFolder) =
    JournalRecord.Started(folder.RunId, "name", "experiment", "user", 1000L) :> JournalRecord

/// A run with a value of every kind, and more metrics, parameters and tags than one call takes.
let private journal (folder: RunFolder) =
    [
        started folder
        JournalRecord.Parameters(readOnlyDict [ for i in 1..250 -> $"p{i}", string i ])
        JournalRecord.Tags(readOnlyDict [ for i in 1..150 -> $"t{i}", "old" ])
        JournalRecord.Tags(readOnlyDict [ "t1", "new" ])
        JournalRecord.Dataset("ring", "digest", "code", "{}", "{}")
        for step in 1L .. 30L do
            JournalRecord.Metrics(
                step,
                2000L + step,
                readOnlyDict [ for i in 1..100 -> $"m/{i}", float step / float i ]
            )
        JournalRecord.Metrics(31L, 2031L, readOnlyDict [ "nan", nan; "inf", infinity; "minus", -infinity ])
        JournalRecord.Status(RunStatus.Finished, 5000L)
    ]

let private carry (server: FakeMlflow) settings (folder: RunFolder) =
    use target = new MlflowServer(server.Address, settings)
    JournalDrain(target, folder).Carry(true, CancellationToken.None) |> ignore

/// Carries again until it works, as a training's drain does.
let rec private carryOn server folder attempts =
    try
        carry server quick folder
    with :? UserException when attempts > 0 ->
        carryOn server folder (attempts - 1)

let private requireWhole (server: FakeMlflow) (folder: RunFolder) =
    match server.Runs with
    | [ run ] ->
        Expect.equal folder.RunId run.Tags["gan.run_id"]
        Expect.equal 250 run.Params.Count
        Expect.equal "new" run.Tags["t1"]
        Expect.equal "old" run.Tags["t150"]
        Expect.equal 3003 run.Metrics.Count
        Expect.equal 1 run.Datasets.Count
        Expect.holds (run.Metrics.Contains(("nan", 31L, 2031L, "NaN"))) "NaN by name"
        Expect.holds (run.Metrics.Contains(("minus", 31L, 2031L, "-Infinity"))) "infinity by name"
        Expect.equal "FINISHED" (string run.Info["status"])
        Expect.equal "5000" (string run.Info["end_time"])

        for file in Directory.GetFiles(folder.Artifacts, "*", SearchOption.AllDirectories) do
            let name = Path.GetRelativePath(folder.Artifacts, file)
            let path = $"{run.Experiment}/{run.Id}/artifacts/{name}"
            Expect.equal (File.ReadAllBytes file) server.Artifacts[path]
    | runs -> failwith $"one run is expected; the server has {runs.Length}"

let private withArtifacts (folder: RunFolder) =
    File.WriteAllText(folder.Spec, "{}")
    File.WriteAllBytes(Path.Combine(folder.Images, "k~x+step+1 é%.png"), Array.init 300_000 byte)
    File.WriteAllText(Path.Combine(folder.Artifacts, "empty.txt"), "")

let private faults =
    Gen.frequency
        [
            6, Gen.constant Healthy
            1, Gen.constant Dropped
            2, Gen.constant AnswerLost
            1, Gen.elements [ Refused 429; Refused 500; Refused 502; Refused 503; Refused 408; Refused 504 ]
            1, Gen.constant (Slow 20)
            1, Gen.constant Cut
        ]

let tests =
    testList
        "Server"
        [
            testCase "a healthy server has it all, in batches it takes, and a second time changes nothing"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                let folder = newRun ()
                append folder (journal folder)
                withArtifacts folder
                carry server quick folder
                requireWhole server folder
                let asked = server.Requests
                carry server quick folder
                Expect.equal asked server.Requests
                // Forgotten how far it was, it tells everything again.
                File.Delete(folder.Journal + "." + (new MlflowServer(server.Address, quick)).Key)
                carry server quick folder
                requireWhole server folder

            testCase "what was known of the server may be lost: the run is found by its tag"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                let folder = newRun ()
                append folder (journal folder)
                carry server quick folder

                for file in Directory.GetFiles(folder.Path, "*server-*") do
                    File.Delete file

                carry server quick folder
                requireWhole server folder

            propertyOf 20 "whatever fails on the way, nothing is lost and nothing is doubled"
            <| fun () ->
                Prop.forAll (Arb.fromGen (Gen.listOfLength 60 faults)) (fun plan ->
                    let plan = Array.ofList plan

                    use server =
                        new FakeMlflow(fun request ->
                            if request <= plan.Length then
                                plan[request - 1]
                            else
                                Healthy)

                    let folder = newRun ()
                    append folder (journal folder)
                    withArtifacts folder
                    carryOn server folder 60
                    requireWhole server folder)

            testCase "a server that knows of no data sets gets all else, and that is told"
            <| fun () ->
                use server = new FakeMlflow((fun _ -> Healthy), KnowsDatasets = false)
                let folder = newRun ()
                append folder (journal folder)
                use target = new MlflowServer(server.Address, quick)
                JournalDrain(target, folder).Carry(true, CancellationToken.None) |> ignore
                Expect.contains "took all but 1 values" (string ((target :> ITrackingTarget).Complaint folder))
                let run = List.exactlyOne server.Runs
                Expect.equal "FINISHED" (string run.Info["status"])

            testCase "a server that goes away and comes back gets the rest"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                let folder = newRun ()
                let records = journal folder
                append folder (List.take 10 records)
                carry server quick folder
                server.Stop()
                append folder (List.skip 10 records)

                Expect.contains
                    "does not answer"
                    (Expect.failure<UserException>(fun () -> carry server quick folder)).Message

                server.Start()
                carry server quick folder
                requireWhole server folder

            testCase "a value that the server refuses costs that value alone, and is told"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                let folder = newRun ()

                append
                    folder
                    [
                        started folder
                        JournalRecord.Metrics(
                            1L,
                            1L,
                            readOnlyDict [ for i in 1..20 -> (if i = 7 then "a*b" else $"m{i}"), 1.0 ]
                        )
                        JournalRecord.Status(RunStatus.Finished, 5L)
                    ]

                withArtifacts folder
                use target = new MlflowServer(server.Address, quick)

                let carry () =
                    JournalDrain(target, folder).Carry(true, CancellationToken.None) |> ignore

                carry ()
                Expect.contains "a*b" (nonNull (target.Complaint folder))
                let run = List.exactlyOne server.Runs
                Expect.equal 19 run.Metrics.Count
                Expect.equal "FINISHED" (string run.Info["status"])
                Expect.holds (server.Artifacts.Count > 0) "artifacts follow"
                // What comes later is taken, and what was taken is not sent again.
                append folder [ JournalRecord.Metrics(2L, 2L, readOnlyDict [ "late", 1.0 ]) ]
                let asked = server.Requests
                carry ()
                Expect.equal 20 run.Metrics.Count
                Expect.equal (asked + 1) server.Requests

            testCase "a run that was deleted at the server is told, and goes on when it is restored"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                let folder = newRun ()
                let records = journal folder
                append folder (List.take 5 records)
                carry server quick folder
                let run = List.exactlyOne server.Runs
                run.Info["lifecycle_stage"] <- JsonValue.Create "deleted"
                append folder (List.skip 5 records)

                Expect.contains
                    "Restore the run"
                    (Expect.failure<UserException>(fun () -> carry server quick folder)).Message

                run.Info["lifecycle_stage"] <- JsonValue.Create "active"
                carry server quick folder
                requireWhole server folder

            testCase "what a user deletes here stays at the server, and replaced checkpoints go"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                let folder = newRun ()
                append folder (journal folder)

                let file step =
                    Path.Combine(folder.Checkpoints, $"step-{step}.safetensors")

                File.WriteAllText(file 1, "1")
                File.WriteAllText(folder.Spec, "{}")
                carry server quick folder
                File.Delete(file 1)
                File.WriteAllText(file 2, "2")
                File.Delete folder.Spec
                carry server quick folder

                let names =
                    server.Artifacts.Keys
                    |> Seq.map (fun path -> string (Path.GetFileName path))
                    |> Set

                Expect.equal (Set [ "spec.json"; "step-2.safetensors" ]) names
                File.Delete(file 2)
                carry server quick folder
                Expect.holds (server.Artifacts.Keys |> Seq.exists _.EndsWith("step-2.safetensors")) "the last stays"

            testCase "a child finds its parent's id at the server"
            <| fun () ->
                use server = new FakeMlflow(fun _ -> Healthy)
                let root = Places.newFolder ()

                let folder () =
                    let id = Guid.NewGuid().ToString "N"
                    let folder = RunFolder(id, Path.Combine(root, id))
                    folder.Create()
                    folder

                let parent, child = folder (), folder ()
                append parent [ started parent ]

                append
                    child
                    [
                        started child
                        JournalRecord.Tags(readOnlyDict [ "mlflow.parentRunId", parent.RunId ])
                    ]

                carry server quick child
                carry server quick parent

                let find (folder: RunFolder) =
                    server.Runs |> List.find (fun run -> run.Tags["gan.run_id"] = folder.RunId)

                Expect.equal 2 server.Runs.Length
                Expect.equal (find parent).Id (find child).Tags["mlflow.parentRunId"]
        ]
