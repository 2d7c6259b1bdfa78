/// MLflow itself reads what runs leave, in stores and at servers. GAN_MLFLOW names the Pythons that have it, of one
/// version or of several, with colons between them.
module Gan.Experiments.Tests.MlflowTests

open System
open System.Diagnostics
open System.Globalization
open System.IO
open System.Net.Http
open System.Text.Json
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

let private pythons =
    match Environment.GetEnvironmentVariable "GAN_MLFLOW" with
    | null -> []
    | names -> List.ofArray (names.Split(':', StringSplitOptions.RemoveEmptyEntries))

let private forEach check =
    if pythons.IsEmpty then
        skiptest "GAN_MLFLOW names no Python that has MLflow"

    for python in pythons do
        try
            check python
        with failure ->
            failwith $"{python}: {failure}"

let private start python folder (arguments: string list) =
    let info =
        ProcessStartInfo(python, WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true)

    for argument in arguments do
        info.ArgumentList.Add argument

    // Since 3.13 it reads its old file store only where it is asked to.
    info.Environment["MLFLOW_ALLOW_FILE_STORE"] <- "true"
    nonNull (Process.Start info)

/// What MLflow finds, by the run's id here.
let private read python folder uri =
    use running =
        start python folder [ Path.Combine(AppContext.BaseDirectory, "mlflow_reader.py"); uri ]

    let error = running.StandardError.ReadToEndAsync()
    let found = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    Expect.holds (running.ExitCode = 0) error.Result

    Map
        [
            for run in JsonDocument.Parse(found).RootElement.EnumerateObject() do
                match run.Value.GetProperty("tags").TryGetProperty "gan.run_id" with
                | true, own -> string own, run.Value
                | _ -> run.Name, run.Value
        ]

let private texts (run: JsonElement) (name: string) =
    Map
        [
            for pair in run.GetProperty(name).EnumerateObject() -> pair.Name, string pair.Value
        ]

/// A number as it can be compared: MLflow's databases have no infinity, and NaN is not itself.
let private comparable value =
    (Math.Clamp(value, Double.MinValue, Double.MaxValue)).ToString("R", CultureInfo.InvariantCulture)

/// A number that Python has written.
let private number (text: string) =
    Double.Parse(text.Replace("inf", "Infinity"), CultureInfo.InvariantCulture)

let private requireSame (found: Map<string, JsonElement>) (folder: RunFolder) =
    let run = found[folder.RunId]
    let records = List.ofSeq (Journal.Records<JournalRecord> folder.Journal)
    let text (name: string) = string (run.GetProperty name)

    let expected =
        [
            for record in records do
                match record with
                | :? JournalRecord.Metrics as metrics ->
                    for pair in metrics.Values do
                        pair.Key, metrics.Step, metrics.Time, comparable pair.Value
                | :? JournalRecord.Started as started ->
                    Expect.equal started.Experiment (text "experiment")
                    Expect.equal started.RunName (text "name")
                    Expect.equal (string started.Time) (text "start")
                | :? JournalRecord.Parameters as parameters ->
                    let there = texts run "params"

                    for pair in parameters.Values do
                        Expect.equal pair.Value there[pair.Key]
                | :? JournalRecord.Dataset as dataset ->
                    let there = run.GetProperty("datasets")[0]
                    Expect.equal (dataset.Name, dataset.Digest) (string there[0], string there[1])
                | _ -> ()
        ]

    let metrics =
        [
            for one in run.GetProperty("metrics").EnumerateArray() ->
                string one[0], one[1].GetInt64(), one[2].GetInt64(), comparable (number (string one[3]))
        ]

    Expect.equal (List.sort expected) (List.sort metrics)
    let tags = texts run "tags"

    for pair in ServerValues.Latest [ for tags in Seq.choose tryUnbox<JournalRecord.Tags> records -> tags.Values ] do
        if pair.Key = "mlflow.parentRunId" then
            Expect.holds (found.ContainsKey pair.Value) "the parent is there"
        else
            Expect.equal pair.Value tags[pair.Key]

    let last = records |> Seq.choose tryUnbox<JournalRecord.Status> |> Seq.last
    Expect.equal (last.Value.ToString().ToUpperInvariant()) (text "status")
    Expect.equal (string last.Time) (text "end")

let private runsIn folder =
    [
        for journal in Directory.GetFiles(Path.Combine(folder, "mlruns"), "journal", SearchOption.AllDirectories) do
            let path = nonNull (Path.GetDirectoryName journal)
            RunFolder(string (Path.GetFileName path), path)
    ]

let private requireAll python folder uri =
    let found = read python folder uri
    let runs = runsIn folder
    Expect.equal runs.Length found.Count
    List.iter (requireSame found) runs
    found

let private spec =
    """steps: 200
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

let private sweep =
    """spec: spec.yaml
set: {steps: 50}
method: grid
metric: {name: evaluation/modes, goal: maximize}
parameters:
  loss: {values: [hinge, wasserstein]}
"""

let private newFolder () =
    let folder = Places.newFolder ()
    File.WriteAllText(Path.Combine(folder, "spec.yaml"), spec)
    File.WriteAllText(Path.Combine(folder, "losses.yaml"), sweep)
    folder

/// A run whose values are those that JSON and SQL have no numbers for.
let private oddNumbers (store: IRunStore) =
    let run = store.FolderOf("odd", Guid.NewGuid().ToString "N")
    run.Create()

    let records: JournalRecord list =
        [
            JournalRecord.Started(run.RunId, "odd", "odd", "user", 1000L)
            JournalRecord.Parameters(readOnlyDict [ "long", String('é', 5000); "empty", "" ])
            JournalRecord.Metrics(
                -1L,
                2000L,
                readOnlyDict [ "nan", nan; "inf", infinity; "minus", -infinity; "tiny", Double.Epsilon ]
            )
            JournalRecord.Metrics(Int64.MaxValue, 2001L, readOnlyDict [ "nan", 0.1; "a/b c.d-e", Double.MaxValue ])
            JournalRecord.Status(RunStatus.Killed, 5000L)
        ]

    use journal = Journal.Open(run.Journal, ignore)
    List.iter journal.Append records
    run

let tests =
    testList
        "Mlflow"
        [
            testList
                "MLflow opens a store, and both go on with it"
                [
                    for uri in [ "sqlite:///mlflow.db"; "file:mlruns" ] do
                        testCase uri
                        <| fun () ->
                            forEach (fun python ->
                                let folder = newFolder ()

                                let gan arguments =
                                    let finished = Cli.runWith folder [ "MLFLOW_TRACKING_URI", uri ] arguments
                                    Expect.equal ("", 0) (finished.Error, finished.Code)

                                gan [ "train"; "spec.yaml" ]
                                gan [ "sweep"; "losses.yaml" ]

                                do
                                    use store =
                                        RunStores.Open(
                                            if uri.StartsWith "sqlite" then
                                                Path.Combine(folder, "mlflow.db")
                                            else
                                                Path.Combine(folder, "mlruns")
                                        )

                                    let run = oddNumbers store
                                    JournalDrain(store, run).Carry(true, CancellationToken.None) |> ignore

                                requireAll python folder uri |> ignore
                                // MLflow has brought a database to its own revision; we go on, and it reads that.
                                gan [ "train"; "--resume"; "spec"; "--set"; "steps=250" ]
                                gan [ "train"; "spec.yaml"; "--set"; "name=second" ]
                                requireAll python folder uri |> ignore)
                ]

            testCase "a server of MLflow that is killed again and again has it all in the end, once"
            <| fun () ->
                forEach (fun python ->
                    let folder, home, port = newFolder (), Places.newFolder (), Places.freePort ()
                    let address = $"http://127.0.0.1:{port}"

                    let serve () =
                        let running =
                            start
                                python
                                home
                                [
                                    yield! [ "-m"; "mlflow"; "server"; "--host"; "127.0.0.1"; "--port"; string port ]
                                    yield! [ "--backend-store-uri"; "sqlite:///server.db" ]
                                    yield! [ "--artifacts-destination"; Path.Combine(home, "kept") ]
                                ]

                        running.OutputDataReceived.Add ignore
                        running.ErrorDataReceived.Add ignore
                        running.BeginOutputReadLine()
                        running.BeginErrorReadLine()
                        running

                    let rec answers attempts =
                        use client = new HttpClient()

                        try
                            (client.GetAsync($"{address}/health").Result).EnsureSuccessStatusCode()
                            |> ignore
                        with _ when attempts > 0 ->
                            Thread.Sleep 500
                            answers (attempts - 1)

                    let kill (server: Process) =
                        server.Kill(entireProcessTree = true)
                        server.WaitForExit()

                    let mutable server = serve ()

                    try
                        answers 120

                        let environment =
                            [ "MLFLOW_TRACKING_URI", address; "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.1" ]

                        use sweep =
                            Cli.start folder environment [ "sweep"; "losses.yaml"; "--set"; "set.steps=1500" ]

                        sweep.OutputDataReceived.Add ignore
                        sweep.BeginOutputReadLine()

                        while not (sweep.WaitForExit(1500 + Random.Shared.Next 2000)) do
                            kill server
                            Thread.Sleep(Random.Shared.Next 2000)
                            server <- serve ()

                        Expect.equal 0 sweep.ExitCode
                        answers 120
                        use store = RunStores.Open(Path.Combine(folder, "mlflow.db"))
                        let run = oddNumbers store

                        Cli.runWith folder environment [ "sync"; run.Path; "--server"; address ]
                        |> fun synced -> Expect.equal ("", 0) (synced.Error, synced.Code)

                        let found = requireAll python folder address

                        for run in runsIn folder do
                            let there = string (found[run.RunId].GetProperty "artifacts")
                            let kept = there.Replace("mlflow-artifacts:", Path.Combine(home, "kept"))

                            for file in Directory.GetFiles(run.Artifacts, "*", SearchOption.AllDirectories) do
                                let copy = Path.Combine(kept, Path.GetRelativePath(run.Artifacts, file))

                                Expect.holds
                                    (File.ReadAllBytes file = File.ReadAllBytes copy)
                                    $"{copy} is another file"
                    finally
                        kill server)
        ]
