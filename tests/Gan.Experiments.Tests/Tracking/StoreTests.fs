module Gan.Experiments.Tests.StoreTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open System.Text.RegularExpressions
open Expecto
open Microsoft.Data.Sqlite
open Gan.Experiments
open Gan.Testing

/// The rows that statements give, as SQLite's own shell prints them: values as texts with | between them.
let sqlite (file: string) (query: string) =
    use connection = new SqliteConnection($"Data Source={file};Pooling=False")
    connection.Open()
    use command = connection.CreateCommand(CommandText = query)
    use rows = command.ExecuteReader()

    let cell i =
        if rows.IsDBNull i then "" else rows.GetString i

    let rec remaining () =
        [
            while rows.Read() do
                String.Join("|", List.init rows.FieldCount cell)

            if rows.NextResult() then
                yield! remaining ()
        ]

    remaining ()

/// What SQLite's own shell prints, where it is installed.
let private shell (file: string) (command: string) =
    let info = ProcessStartInfo("sqlite3", RedirectStandardOutput = true)
    [ file; command ] |> List.iter info.ArgumentList.Add

    if not (Cli.hasCommand "sqlite3") then
        skiptest "no sqlite3 on this machine"

    use running = nonNull (Process.Start info)
    let output = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    List.ofArray (output.Split('\n', StringSplitOptions.RemoveEmptyEntries))

let private newStore () =
    Path.Combine(Places.newFolder (), "mlflow.db")

let private started run =
    JournalRecord.Started(run, "name", "experiment", "user", 1000L)

let private metrics step (values: (string * float) list) : JournalRecord =
    JournalRecord.Metrics(step, 2000L + step, readOnlyDict values)

let private write (file: string) run (records: JournalRecord list) =
    use store = SqliteStore.Open file
    store.Write(RunFolder(run, $"/somewhere/{run}"), Array.ofList records, CancellationToken.None)

let private newRun (file: string) =
    let run = Guid.NewGuid().ToString "N"
    write file run [ started run ]
    run

/// One statement per line, without the spaces and quotes that SQLite keeps as written.
let private statements (sql: string) =
    sql.Split ';'
    |> Array.map (fun s ->
        Regex
            .Replace(Regex.Replace(s, "--.*", "").Replace("\"", ""), @"\s+", " ")
            .Replace("( ", "(")
            .Replace(" )", ")")
            .Replace(" ,", ",")
            .Trim())
    |> Array.filter (fun s -> s.StartsWith "CREATE")
    |> Array.sort

let tests =
    testList
        "Store"
        [
            testCase "a new store has MLflow's schema, constraints and indexes included"
            <| fun () ->
                let file = newStore ()
                (SqliteStore.Open file).Dispose()
                Expect.equal [ "acf3f17fdcc7" ] (sqlite file "SELECT version_num FROM alembic_version")

                Expect.equal
                    [ "0|Default|active" ]
                    (sqlite file "SELECT experiment_id, name, lifecycle_stage FROM experiments")

                match Places.data with
                | None -> skiptest "no copy of MLflow's schema beside the repository"
                | Some data ->
                    let expected =
                        File.ReadAllText(Path.Combine(data, "..", "mlflow", "acf3f17fdcc7.sql"))

                    let actual = String.Join(";\n", sqlite file "SELECT sql FROM sqlite_master")
                    Expect.equal (List.ofArray (statements expected)) (List.ofArray (statements actual))

            testCase "SQLite's own shell reads a store as this library does"
            <| fun () ->
                let file = newStore ()
                write file (newRun file) [ metrics 1L [ "a", 1.5; "b", nan ] ]
                Expect.equal [ "ok" ] (shell file "PRAGMA integrity_check")

                for query in [ "SELECT * FROM metrics"; "SELECT name FROM sqlite_master" ] do
                    Expect.equal (String.Join('\n', sqlite file query)) (String.Join('\n', shell file query))

            testCase "values are stored as MLflow stores them, and written twice they stand once"
            <| fun () ->
                let file = newStore ()
                let run = newRun file

                let records =
                    [
                        metrics 1L [ "a", 1.5; "b", nan; "c", infinity; "d", -infinity ]
                        metrics 2L [ "a", 0.5 ]
                    ]

                write file run records
                write file run records

                Expect.equal
                    [
                        "a|1.5|1|0"
                        "a|0.5|2|0"
                        "b|0.0|1|1"
                        "c|1.7976931348623157e+308|1|0"
                        "d|-1.7976931348623157e+308|1|0"
                    ]
                    (sqlite file "SELECT key, value, step, is_nan FROM metrics ORDER BY key, step")

                Expect.equal [ "0.5|2" ] (sqlite file "SELECT value, step FROM latest_metrics WHERE key = 'a'")
                // An older value that comes late does not become the latest.
                write file run [ metrics 0L [ "a", 9.0 ] ]
                Expect.equal [ "0.5|2" ] (sqlite file "SELECT value, step FROM latest_metrics WHERE key = 'a'")

            testCase "parameters, tags, the data set and the status are there"
            <| fun () ->
                let file = newStore ()
                let run = newRun file

                write
                    file
                    run
                    [
                        JournalRecord.Parameters(readOnlyDict [ "p", "1" ])
                        JournalRecord.Tags(readOnlyDict [ "t", "old" ])
                        JournalRecord.Tags(readOnlyDict [ "t", "new" ])
                        JournalRecord.Dataset("ring", "digest", "code", "{}", "{}")
                        JournalRecord.Dataset("ring", "digest", "code", "{}", "{}")
                        JournalRecord.Status(RunStatus.Finished, 5000L)
                    ]

                Expect.equal [ "p|1" ] (sqlite file "SELECT key, value FROM params")
                Expect.equal [ "new" ] (sqlite file "SELECT value FROM tags WHERE key = 't'")
                Expect.equal [ "name" ] (sqlite file "SELECT value FROM tags WHERE key = 'mlflow.runName'")

                Expect.equal
                    [ "ring|digest|training" ]
                    (sqlite
                        file
                        "SELECT d.name, d.digest, t.value FROM inputs i JOIN datasets d ON i.source_id = d.dataset_uuid JOIN input_tags t USING (input_uuid)")

                Expect.equal [ "FINISHED|5000" ] (sqlite file "SELECT status, end_time FROM runs")
                write file run [ JournalRecord.Status(RunStatus.Running, 6000L) ]
                Expect.equal [ "RUNNING|" ] (sqlite file "SELECT status, end_time FROM runs")
                Expect.equal [] (sqlite file "PRAGMA foreign_key_check")

            testList
                "a store that MLflow made, or upgraded, is written on"
                [
                    for revision in [ "7d34483879f0"; "acf3f17fdcc7" ] do
                        testCase revision
                        <| fun () ->
                            match Places.data with
                            | None -> skiptest "no store of MLflow's beside the repository"
                            | Some data ->
                                let file = newStore ()
                                File.Copy(Path.Combine(data, "..", "mlflow", $"{revision}.db"), file)
                                File.SetAttributes(file, FileAttributes.Normal)
                                let before = sqlite file "SELECT count(*) FROM runs"
                                let run = newRun file

                                write
                                    file
                                    run
                                    [
                                        metrics 1L [ "a", 1.0 ]
                                        JournalRecord.Parameters(readOnlyDict [ "p", "1" ])
                                        JournalRecord.Dataset("d", "x", "code", "{}", "{}")
                                        JournalRecord.Status(RunStatus.Finished, 1L)
                                    ]

                                Expect.equal [ $"{int before[0] + 1}" ] (sqlite file "SELECT count(*) FROM runs")

                                Expect.equal
                                    [ "1.0" ]
                                    (sqlite file $"SELECT value FROM metrics WHERE run_uuid = '{run}'")

                                Expect.equal [ revision ] (sqlite file "SELECT version_num FROM alembic_version")
                                Expect.equal [] (sqlite file "PRAGMA foreign_key_check")
                ]

            testCase "several writers on a new file make one store and lose no row"
            <| fun () ->
                let file = newStore ()

                let write worker =
                    let run = newRun file

                    for step in 0L .. 19L do
                        write file run [ metrics step [ "m", float worker ] ]

                Array.Parallel.iter write [| 0..7 |]

                Expect.equal
                    [ "8|160" ]
                    (sqlite file "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM metrics)")

                Expect.equal [ "2" ] (sqlite file "SELECT count(*) FROM experiments")

            testCase "what is no store is refused in a sentence"
            <| fun () ->
                let file = newStore ()
                File.WriteAllText(file, "hello, this is not a database at all")

                Expect.contains
                    "cannot be used"
                    (Expect.failure<UserException>(fun () -> (SqliteStore.Open file).Dispose())).Message

                let other = newStore ()
                sqlite other "CREATE TABLE runs (x INTEGER)" |> ignore

                Expect.contains
                    "not MLflow's"
                    (Expect.failure<UserException>(fun () -> (SqliteStore.Open other).Dispose())).Message

            testCase "a deleted experiment is refused with what to do"
            <| fun () ->
                let file = newStore ()
                newRun file |> ignore

                sqlite file "UPDATE experiments SET lifecycle_stage = 'deleted' WHERE name = 'experiment'"
                |> ignore

                use store = SqliteStore.Open file

                Expect.contains
                    "was deleted in MLflow"
                    (Expect.failure<UserException>(fun () -> store.FolderOf("experiment", "run") |> ignore)).Message
        ]
