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
open NUnit.Framework
open Gan.Experiments
open Gan.Testing

let private pythons =
    match Environment.GetEnvironmentVariable "GAN_MLFLOW" with
    | null -> []
    | names -> List.ofArray (names.Split(':', StringSplitOptions.RemoveEmptyEntries))

let private forEach check =
    if pythons.IsEmpty then
        Assert.Ignore "GAN_MLFLOW names no Python that has MLflow"

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

    nonNull (Process.Start info)

/// What MLflow finds, by the run's id here.
let private read python folder uri =
    use running =
        start
            python
            folder
            [
                Path.Combine(TestContext.CurrentContext.TestDirectory, "mlflow_reader.py")
                uri
            ]

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

/// MLflow's databases have no infinity.
let private stored value =
    if Double.IsInfinity value then
        Double.CopySign(Double.MaxValue, value)
    else
        value

let private requireSame (found: Map<string, JsonElement>) (folder: RunFolder) =
    let run = found[folder.RunId]
    let records = List.ofSeq (Journal.Records<JournalRecord> folder.Journal)
    let text (name: string) = string (run.GetProperty name)

    let metrics =
        [
            for one in run.GetProperty("metrics").EnumerateArray() ->
                string one[0], one[1].GetInt64(), one[2].GetInt64(), string one[3]
        ]

    let expected =
        [
            for record in records do
                match record with
                | :? JournalRecord.Metrics as metrics ->
                    for pair in metrics.Values do
                        pair.Key, metrics.Step, metrics.Time, stored pair.Value
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

    let number (text: string) =
        Double.Parse(text, CultureInfo.InvariantCulture)

    let bits (value: float) =
        if Double.IsNaN value then
            0L
        else
            BitConverter.DoubleToInt64Bits value

    Expect.equal
        (expected
         |> List.map (fun (key, step, time, value) -> key, step, time, bits value)
         |> List.sort)
        (metrics
         |> List.map (fun (key, step, time, value) -> key, step, time, bits (number value))
         |> List.sort)

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
critic: {kind: mlp, widths: [16]}
loss: hinge
generator_optimizer: adam
critic_optimizer: adam
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
let private oddNumbers folder =
    use store = RunStores.Open(Path.Combine(folder, "mlflow.db"))
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

[<Test>]
let ``MLflow opens a store, and both go on with it`` () =
    forEach (fun python ->
        let folder = newFolder ()
        Cli.runOk folder [ "train"; "spec.yaml" ] |> ignore
        Cli.runOk folder [ "sweep"; "losses.yaml" ] |> ignore
        Cli.runOk folder [ "sync"; (oddNumbers folder).Path ] |> ignore
        requireAll python folder "sqlite:///mlflow.db" |> ignore
        // MLflow has brought the database to its own revision; we go on, and it reads that.
        Cli.runOk folder [ "train"; "--resume"; "spec"; "--set"; "steps=250" ] |> ignore
        Cli.runOk folder [ "train"; "spec.yaml"; "--set"; "name=second" ] |> ignore
        requireAll python folder "sqlite:///mlflow.db" |> ignore)

[<Test>]
let ``a server of MLflow that is killed again and again has it all in the end, once`` () =
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
            let run = oddNumbers folder

            Cli.runWith folder environment [ "sync"; run.Path; "--server"; address ]
            |> fun synced -> Expect.equal ("", 0) (synced.Error, synced.Code)

            let found = requireAll python folder address

            for run in runsIn folder do
                let there = string (found[run.RunId].GetProperty "artifacts")
                let kept = there.Replace("mlflow-artifacts:", Path.Combine(home, "kept"))

                for file in Directory.GetFiles(run.Artifacts, "*", SearchOption.AllDirectories) do
                    let copy = Path.Combine(kept, Path.GetRelativePath(run.Artifacts, file))
                    Expect.holds (File.ReadAllBytes file = File.ReadAllBytes copy) $"{copy} is another file"
        finally
            kill server)
