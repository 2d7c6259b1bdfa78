/// Both stores on this machine answer the same questions in the same way.
module Gan.Experiments.Tests.FilterTests

open System
open System.IO
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

let private runs =
    [
        "one", [ "loss", "hinge"; "rate", "0.001" ], [ "modes", 8.0; "odd", nan ], RunStatus.Finished
        "two", [ "loss", "wgan"; "rate", "1e-2" ], [ "modes", 5.0 ], RunStatus.Failed
        "three", [ "loss", "hinge_2"; "rate", "none" ], [ "modes/average", 7.5; "odd", 2.0 ], RunStatus.Running
    ]

/// A store with the runs, each a second after the one before.
let private fill (place: string) =
    use store = RunStores.Open place

    runs
    |> List.iteri (fun i (name, parameters, metrics, status) ->
        let folder = store.FolderOf("experiment", Guid.NewGuid().ToString "N")

        store.Write(
            folder,
            [|
                JournalRecord.Started(folder.RunId, name, "experiment", "user", int64 i * 1000L)
                JournalRecord.Parameters(readOnlyDict parameters)
                JournalRecord.Tags(readOnlyDict [ "note", $"of {name}" ])
                JournalRecord.Metrics(1L, 5L, readOnlyDict (metrics |> List.map (fun (key, _) -> key, -1.0)))
                JournalRecord.Metrics(2L, 4L, readOnlyDict metrics)
                JournalRecord.Status(status, 9000L)
            |],
            CancellationToken.None
        ))

let private places =
    lazy
        (let folder = Places.newFolder ()

         let places =
             [ Path.Combine(folder, "mlflow.db"); "file:" + Path.Combine(folder, "runs") ]

         List.iter fill places
         places)

let private names (query: RunQuery) =
    [
        for place in places.Value -> [ for run in RunIndex.List(place, query) -> run.Name ]
    ]

let private query filter order =
    RunQuery(null, RunFilter.Parse filter, (if order = "" then null else RunOrder.Parse order), Int32.MaxValue, false)

let tests =
    testList
        "Filter"
        [
            testList
                "stores filter alike"
                [
                    for filter, expected in
                        [
                            "", "three two one"
                            "metrics.modes > 5", "one"
                            "metrics.modes >= 5", "two one"
                            "metrics.`modes` != 5", "one"
                            "metric.modes/average = 7.5", "three"
                            "metrics.odd > -9", "three"
                            "metrics.nothing != 1", ""
                            "params.loss = 'hinge'", "one"
                            "params.loss like 'hinge%'", "three one"
                            "params.loss LIKE 'Hinge%'", ""
                            "params.loss ILIKE 'Hinge_2'", "three"
                            "params.rate < 0.005", "one"
                            "params.rate <= 1e-2 and params.loss = \"wgan\"", "two"
                            "status = 'FAILED'", "two"
                            "attributes.status != 'FAILED' AND tags.note = 'of one'", "one"
                            "run_name like 't%' and start_time > 1000", "three"
                        ] do
                        testCase $"'{filter}'"
                        <| fun () ->
                            let expected =
                                expected.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

                            for found in names (query filter "") do
                                Expect.equal expected found
                ]

            testList
                "stores order alike, runs without the value last"
                [
                    for order, expected in
                        [
                            "metrics.modes", "two one three"
                            "metrics.modes DESC", "one two three"
                            "params.loss desc", "two three one"
                            "metrics.odd", "three two one"
                            "start_time ASC", "one two three"
                        ] do
                        testCase order
                        <| fun () ->
                            for found in names (query "" order) do
                                Expect.equal (List.ofArray (expected.Split ' ')) found
                ]

            testList
                "what is no filter is refused"
                [
                    for filter, expected in
                        [
                            "metrics.modes >", "is no condition"
                            "modes > 5", "is no value of a run"
                            "metrics.modes > 'five'", "compared with a number"
                            "metrics.modes > 5 and", "ends with and"
                            "metrics.modes > 5 params.loss = 'x'", "joined by and"
                            "params.loss like 5", "text in quotes"
                            "' or 1=1 --", "is no condition"
                        ] do
                        testCase $"'{filter}'"
                        <| fun () ->
                            Expect.contains
                                expected
                                (Expect.failure<UserException>(fun () -> RunFilter.Parse filter |> ignore)).Message
                ]

            testCase "what a store has of runs is what was written, and removed runs come back or go for good"
            <| fun () ->
                for place in places.Value do
                    use store = RunStores.Open place
                    let found = store.Search RunQuery.All
                    let values = store.Values found
                    let one = found |> Seq.find (fun run -> run.Name = "one")
                    Expect.equal "0.001" values[one.RunId].Parameters["rate"]
                    Expect.equal "of one" values[one.RunId].Tags["note"]
                    Expect.equal 8.0 values[one.RunId].Metrics["modes"]
                    Expect.holds (Double.IsNaN values[one.RunId].Metrics["odd"]) "NaN is NaN"
                    store.SetDeleted([| one |], true)
                    Expect.equal 2 (store.Search RunQuery.All).Count
                    let deleted = RunQuery(null, RunFilter.None, null, 9, true)
                    Expect.equal [ "one" ] [ for run in store.Search deleted -> run.Name ]
                    store.SetDeleted([| one |], false)
                    Expect.equal 3 (store.Search RunQuery.All).Count

            testCase "a file store written again after a kill has each value once, and a torn line is mended"
            <| fun () ->
                let place = "file:" + Places.newFolder ()
                fill place
                let run = RunIndex.Find(place, "one")
                let file = Path.Combine(run.Folder.Path, "metrics", "modes")
                let before = File.ReadAllText file
                File.AppendAllText(file, "6 3.")
                use store = RunStores.Open place

                store.Write(
                    run.Folder,
                    [| JournalRecord.Metrics(2L, 4L, readOnlyDict [ "modes", 8.0 ]) |],
                    CancellationToken.None
                )

                Expect.equal before (File.ReadAllText file)

            testCase "a run of a file store names itself as each of MLflow's versions asks"
            <| fun () ->
                let place = "file:" + Places.newFolder ()
                fill place
                let run = RunIndex.Find(place, "one")
                let lines = File.ReadAllLines(Path.Combine(run.Folder.Path, "meta.yaml"))

                for key in [ "run_id"; "run_uuid" ] do
                    Expect.equal
                        [ $"{key}: '{run.Folder.RunId}'" ]
                        (lines |> Array.filter _.StartsWith($"{key}:") |> List.ofArray)
        ]
