module Gan.Experiments.Tests.JournalTests

open System
open System.Collections.Generic
open System.IO
open NUnit.Framework
open FsCheck.NUnit
open Gan.Experiments
open Gan.Testing

let private texts = readOnlyDict [ "a", "1"; "é", "zwei\n" ]

/// One record of every kind.
let records: JournalRecord list =
    [
        JournalRecord.Started("0123", "name", "experiment", "user", 17L)
        JournalRecord.Parameters texts
        JournalRecord.Tags texts
        JournalRecord.Metrics(3L, 18L, readOnlyDict [ "x", 1.5; "nan", nan; "inf", infinity; "tiny", Double.Epsilon ])
        JournalRecord.Dataset("d", "digest", "code", "{}", "{}")
        JournalRecord.Status(RunStatus.Killed, 19L)
    ]

let private write path records =
    use journal = Journal.Open(path, ignore)

    for record in records do
        journal.Append record

/// Records print their dictionaries by type, so their bytes are compared.
let private same (a: JournalRecord) (b: JournalRecord) =
    a.Encode().AsSpan().SequenceEqual(ReadOnlySpan(b.Encode()))

let private read path =
    [ for entry in Journal.Read(path, 0L) -> entry.Record ]

let private newFile () =
    Path.Combine(Places.newFolder (), "journal")

[<Test>]
let ``what is appended is read, in order, and appended to again`` () =
    let path = newFile ()
    write path records
    write path records
    Expect.holds (List.forall2 same (records @ records) (read path)) "other records"

[<Test>]
let ``cut anywhere, the whole records before the cut are read and appended to`` () =
    let whole = newFile ()
    write whole records
    let bytes = File.ReadAllBytes whole
    let ends = [ for entry in Journal.Read(whole, 0L) -> int entry.End ]

    for cut in 0 .. bytes.Length do
        let path = newFile ()
        File.WriteAllBytes(path, bytes[.. cut - 1])
        let kept = ends |> List.filter (fun e -> e <= cut) |> List.length
        Expect.equal kept (read path).Length
        write path [ records[0] ]
        Expect.holds (List.forall2 same (List.take kept records @ [ records[0] ]) (read path)) $"cut at {cut}"

[<Property>]
let ``a damaged record ends the reading, and no damage is read as a record``
    (place: FsCheck.NonNegativeInt)
    (bit: FsCheck.NonNegativeInt)
    =
    let path = newFile ()
    write path records
    let ends = [ for entry in Journal.Read(path, 0L) -> int entry.End ]
    let bytes = File.ReadAllBytes path
    let place = place.Get % bytes.Length
    bytes[place] <- bytes[place] ^^^ (1uy <<< (bit.Get % 8))
    File.WriteAllBytes(path, bytes)
    let after = read path
    let last = ends[records.Length - 2]
    use opened = Journal.Open(path, ignore)

    after.Length < records.Length
    && List.forall2 same (List.take after.Length records) after
    // What is followed by whole records was not torn: it is told of, and nothing is thrown away.
    && (place >= last
        || (not (isNull opened.Complaint) && File.ReadAllBytes(path + ".damaged") = bytes))
