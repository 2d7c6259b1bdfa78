/// An MLflow server is told everything once, whatever happens on the way.
module Gan.Experiments.Tests.ServerTests

open System
open System.Globalization
open System.IO
open System.Net
open System.Net.Http
open System.Text.Json
open System.Text.Json.Nodes
open System.Text.RegularExpressions
open System.Threading
open NUnit.Framework
open FsCheck
open FsCheck.FSharp
open FsCheck.NUnit
open Gan.Experiments
open Gan.Testing

/// As the official client's, without the waiting.
let private quick =
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

[<Test>]
let ``a healthy server has it all, in batches it takes, and a second time changes nothing`` () =
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

[<Test>]
let ``what was known of the server may be lost: the run is found by its tag`` () =
    use server = new FakeMlflow(fun _ -> Healthy)
    let folder = newRun ()
    append folder (journal folder)
    carry server quick folder

    for file in Directory.GetFiles(folder.Path, "*server-*") do
        File.Delete file

    carry server quick folder
    requireWhole server folder

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

[<Property(MaxTest = 20)>]
let ``whatever fails on the way, nothing is lost and nothing is doubled`` () =
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

[<Test>]
let ``a server that knows of no data sets gets all else, and that is told`` () =
    use server = new FakeMlflow((fun _ -> Healthy), KnowsDatasets = false)
    let folder = newRun ()
    append folder (journal folder)
    use target = new MlflowServer(server.Address, quick)
    JournalDrain(target, folder).Carry(true, CancellationToken.None) |> ignore
    Expect.contains "took all but 1 values" (string ((target :> ITrackingTarget).Complaint folder))
    let run = List.exactlyOne server.Runs
    Expect.equal "FINISHED" (string run.Info["status"])

[<Test>]
let ``a server that goes away and comes back gets the rest`` () =
    use server = new FakeMlflow(fun _ -> Healthy)
    let folder = newRun ()
    let records = journal folder
    append folder (List.take 10 records)
    carry server quick folder
    server.Stop()
    append folder (List.skip 10 records)
    Expect.contains "does not answer" (Expect.failure<UserException>(fun () -> carry server quick folder)).Message
    server.Start()
    carry server quick folder
    requireWhole server folder

[<Test>]
let ``a value that the server refuses costs that value alone, and is told`` () =
    use server = new FakeMlflow(fun _ -> Healthy)
    let folder = newRun ()

    append
        folder
        [
            started folder
            JournalRecord.Metrics(1L, 1L, readOnlyDict [ for i in 1..20 -> (if i = 7 then "a*b" else $"m{i}"), 1.0 ])
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

[<Test>]
let ``a run that was deleted at the server is told, and goes on when it is restored`` () =
    use server = new FakeMlflow(fun _ -> Healthy)
    let folder = newRun ()
    let records = journal folder
    append folder (List.take 5 records)
    carry server quick folder
    let run = List.exactlyOne server.Runs
    run.Info["lifecycle_stage"] <- Text.Json.Nodes.JsonValue.Create "deleted"
    append folder (List.skip 5 records)
    Expect.contains "Restore the run" (Expect.failure<UserException>(fun () -> carry server quick folder)).Message
    run.Info["lifecycle_stage"] <- Text.Json.Nodes.JsonValue.Create "active"
    carry server quick folder
    requireWhole server folder

[<Test>]
let ``what a user deletes here stays at the server, and replaced checkpoints go`` () =
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

[<Test>]
let ``a child finds its parent's id at the server`` () =
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

// ---- a real server's answers

/// One recorded call: what was asked, and the status and body of the answer.
type private Exchange =
    {
        Line: string
        Status: int
        Body: string
    }

let private recordings =
    lazy
        (match Places.data with
         | None -> []
         | Some data ->
             let read name =
                 File.ReadAllText(Path.Combine(data, "..", "mlflow", name))

             let exchanges =
                 [
                     for part in Regex.Split(read "exchanges-3.12.0.txt", "^### ", RegexOptions.Multiline) do
                         let found =
                             Regex.Match(
                                 part,
                                 @"\A(?<line>[^\n]*)\n(?<body>.*?)\n?\[(?<status>\d{3})\]",
                                 RegexOptions.Singleline
                             )

                         if found.Success then
                             {
                                 Line = found.Groups["line"].Value
                                 Status = int found.Groups["status"].Value
                                 Body = found.Groups["body"].Value
                             }
                 ]

             let edges =
                 [
                     for line in (read "edge-cases-3.12.0.txt").Split '\n' do
                         let found = Regex.Match(line, @"^## (?<line>.*?) -> (?<status>\d{3}) (?<body>.*)$")

                         if found.Success then
                             {
                                 Line = found.Groups["line"].Value
                                 Status = int found.Groups["status"].Value
                                 Body = found.Groups["body"].Value
                             }
                 ]

             exchanges @ edges)

/// Serves one answer to everything.
let private answeringTo
    (hear: HttpListenerRequest -> unit)
    (status: int)
    (contentType: string)
    (body: string)
    (ask: Uri -> 'a)
    =
    let port = Places.freePort ()
    use listener = new HttpListener()
    listener.Prefixes.Add $"http://127.0.0.1:{port}/"
    listener.Start()

    let serving =
        Thread(
            (fun () ->
                try
                    while true do
                        let context = listener.GetContext()
                        hear context.Request
                        let bytes = Text.Encoding.UTF8.GetBytes body
                        context.Response.StatusCode <- status
                        context.Response.ContentType <- contentType
                        context.Response.OutputStream.Write(bytes, 0, bytes.Length)
                        context.Response.Close()
                with _ ->
                    ()),
            IsBackground = true
        )

    serving.Start()
    ask (Uri $"http://127.0.0.1:{port}")

let private answering status = answeringTo ignore status

/// The headers that a call sends.
let private sent (settings: ServerSettings) (user: string) =
    let mutable headers = Map.empty

    let hear (request: HttpListenerRequest) =
        headers <-
            Map
                [
                    for key in request.Headers.AllKeys -> string key, string request.Headers[key]
                ]

    answeringTo hear 200 "application/json" "{}" (fun address ->
        let address =
            UriBuilder(address, UserName = user, Password = (if user = "" then "" else "p%40ss")).Uri

        use connection = new ServerConnection(address, settings)
        Expect.lacks "p%40ss" connection.Address.AbsoluteUri
        connection.Greet CancellationToken.None)

    headers

[<Test>]
let ``a name and password win over a token, and the address over both`` () =
    let basic (text: string) =
        "Basic " + Convert.ToBase64String(Text.Encoding.UTF8.GetBytes text)

    let header name (headers: Map<string, string>) = headers[name]
    let token = ServerSettings(Token = "secret", Workspace = "team")
    Expect.equal "Bearer secret" (header "Authorization" (sent token ""))
    Expect.equal "team" (header "X-MLFLOW-WORKSPACE" (sent token ""))
    let both = ServerSettings(Token = "secret", UserName = "me", Password = "é:")
    Expect.equal (basic "me:é:") (header "Authorization" (sent both ""))
    Expect.equal (basic "you:p@ss") (header "Authorization" (sent both "you"))
    Expect.holds (not ((sent (ServerSettings()) "").ContainsKey "Authorization")) "nobody"

let private call (address: Uri) =
    use connection = new ServerConnection(address, quick)
    connection.Post("runs/log-batch", JsonObject(), CancellationToken.None)

[<Test>]
let ``every answer that a real server was seen to give is understood`` () =
    if recordings.Value.IsEmpty then
        Assert.Ignore "no recorded answers beside the repository"

    Expect.holds (recordings.Value.Length > 80) $"only {recordings.Value.Length} answers were read"

    for exchange in recordings.Value do
        // The recordings were cut after 400 characters in places; whole JSON is what a client sees.
        let whole =
            try
                JsonNode.Parse exchange.Body |> ignore
                true
            with _ ->
                exchange.Body.StartsWith "<"

        if whole then
            let contentType =
                if exchange.Body.StartsWith "<" then
                    "text/html"
                else
                    "application/json"

            answering exchange.Status contentType exchange.Body (fun address ->
                if exchange.Status = 200 then
                    let expected = nonNull (JsonNode.Parse exchange.Body)
                    Expect.holds (JsonNode.DeepEquals(expected, call address)) $"{exchange.Line} was read otherwise"
                elif exchange.Status < 500 then
                    let no = Expect.failure<ServerException>(fun () -> call address |> ignore)

                    if contentType = "text/html" then
                        Expect.contains "web page" no.Message
                    else
                        let expected = nonNull (JsonNode.Parse exchange.Body)
                        Expect.equal (string expected["error_code"]) no.Code
                        Expect.contains (string expected["message"]) no.Message)

[<TestCase(401, "text/html", "<html>", "MLFLOW_TRACKING_USERNAME")>]
[<TestCase(403,
           "text/plain",
           "Invalid Host header - possible DNS rebinding attack detected",
           "--allowed-hosts 127.0.0.1")>]
[<TestCase(403, "application/json", "{\"error_code\":\"PERMISSION_DENIED\",\"message\":\"not yours\"}", "not yours")>]
[<TestCase(200, "text/html", "<html>sign in</html>", "web page")>]
[<TestCase(200, "text/plain", "hello", "not as an MLflow server does")>]
[<TestCase(404, "text/html", "<!doctype html>", "web page")>]
[<TestCase(302, "text/html", "", "sends us elsewhere")>]
let ``an answer that is no MLflow's is told with what to do``
    (status: int)
    (kind: string)
    (body: string)
    (expected: string)
    =
    answering status kind body (fun address ->
        Expect.contains expected (Expect.failure<ServerException>(fun () -> call address |> ignore)).Message)

[<Test>]
let ``the waits between tries are the official client's`` () =
    let waits =
        [
            for attempt in 0..6 ->
                (ServerConnection.Wait(ServerSettings(BackoffJitter = 0.0), attempt, Nullable())).TotalSeconds
        ]

    Expect.equal [ 0.0; 4.0; 8.0; 16.0; 32.0; 64.0; 120.0 ] waits

    let asked =
        ServerConnection.Wait(ServerSettings(), 3, Nullable(TimeSpan.FromSeconds 7.0))

    Expect.equal 7.0 asked.TotalSeconds

// ---- a training, and a server in trouble

let private spec =
    """steps: 300
data: ring
batch: 32
generator: {kind: mlp, widths: [16]}
critic: {kind: mlp, widths: [16]}
loss: hinge
generator_optimizer: adam
critic_optimizer: adam
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

[<Test>]
let ``a training tells a server everything, pictures and checkpoints included`` () =
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

[<Test>]
let ``a dead server delays nothing, and gan sync finishes it from a copy of the folder`` () =
    use server = new FakeMlflow(fun _ -> Healthy)
    server.Stop()
    let folder, finished = train server.Address
    Expect.equal 0 finished.Code
    Expect.contains "gan sync" finished.Error
    Expect.contains "untold" finished.Out
    server.Start()
    // Another machine: another folder, another store.
    let elsewhere = Places.newFolder ()
    Directory.Move(Path.Combine(folder, "mlruns"), Path.Combine(elsewhere, "brought"))
    let synced = Cli.runOk elsewhere [ "sync"; "brought"; "--json" ]
    Expect.equal 0 (synced.Last.GetProperty("troubles").GetArrayLength())
    Expect.equal (metricsOf folder) (List.exactlyOne server.Runs).Metrics.Count
    Expect.equal (metricsOf folder) (metricsOf elsewhere)
    Expect.equal "FINISHED" (string (List.exactlyOne server.Runs).Info["status"])

[<Test>]
let ``what comes from elsewhere gets no secret, and writes nowhere else`` () =
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
        JsonSerializer.Serialize(ServerLink(address.AbsoluteUri, "x", "0", victim, Collections.Generic.Dictionary()))
    )

    File.WriteAllText(Path.Combine(run, $"journal.{key}"), string (FileInfo(Path.Combine(run, "journal")).Length))

    let sync environment =
        Cli.runWith elsewhere (("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0") :: environment) [ "sync"; "brought" ]

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

[<Test>]
let ``an old copy of a run does not end the run`` () =
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

[<Test>]
let ``gan sync writes into nothing that is not a run's journal`` () =
    let folder = Places.newFolder ()
    let notes = Path.Combine(folder, "brought", "notes")
    Directory.CreateDirectory notes |> ignore
    File.WriteAllText(Path.Combine(notes, "journal"), "my diary")
    let synced = Cli.run folder [ "sync"; "brought" ]
    Expect.equal 1 synced.Code
    Expect.contains "is no journal of a run" synced.Error
    Expect.equal "my diary" (File.ReadAllText(Path.Combine(notes, "journal")))
    Expect.equal 1 (Directory.GetFiles notes).Length

[<Test>]
let ``a journal that is damaged in its middle is told of, and kept`` () =
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

[<Test>]
let ``a server that does not know us ends the command before the first step`` () =
    answering 401 "text/html" "<html>" (fun address ->
        let _, finished = train (address.AbsoluteUri)
        Expect.equal 1 finished.Code
        Expect.contains "MLFLOW_TRACKING_USERNAME" finished.Error)
