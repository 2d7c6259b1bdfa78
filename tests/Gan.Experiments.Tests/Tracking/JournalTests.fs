module Gan.Experiments.Tests.JournalTests

open System
open System.Collections.Generic
open System.IO
open Expecto
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

let private appendTo (journal: Journal) = List.iter journal.Append

let private write mapped path records =
    use journal = Journal.Open(path, ignore, mapped)
    appendTo journal records

let private encode (record: JournalRecord) =
    use bytes = new MemoryStream()
    record.Encode bytes
    bytes.ToArray()

/// Records print their dictionaries by type, so their bytes are compared.
let private same (a: JournalRecord) (b: JournalRecord) = encode a = encode b

let private read path =
    [ for entry in Journal.Read(path, 0L) -> entry.Record ]

let private newFile () =
    Path.Combine(Places.newFolder (), "journal")

/// What a journal's file is while it is open, as whoever killed its process there leaves it: with zeros where it is mapped.
let private left mapped records =
    let path = newFile ()
    use journal = Journal.Open(path, ignore, mapped)
    appendTo journal records
    File.ReadAllBytes path

let private bytes records = left false records

let tests =
    testList
        "Journal"
        [
            testList
                "what is appended is read, in order, at once and again, and appended to"
                [
                    for mapped in [ false; true ] do
                        testCase $"mapped: {mapped}"
                        <| fun () ->
                            let path = newFile ()

                            for kept in [ []; records ] do
                                use journal = Journal.Open(path, ignore, mapped)

                                for count in 1 .. records.Length do
                                    journal.Append records[count - 1]

                                    Expect.holds
                                        (List.forall2 same (kept @ List.take count records) (read path))
                                        "not read at once"

                            Expect.holds (List.forall2 same (records @ records) (read path)) "other records"
                ]

            testCase "records of every length fill and cross windows"
            <| fun () ->
                let path = newFile ()

                let tag length =
                    JournalRecord.Tags(readOnlyDict [ "text", String('x', length) ])

                let all = [ for length in 0..997..300_000 -> tag length ]
                write true path all
                Expect.holds (List.forall2 same all (read path)) "other records"
                let written = newFile ()
                write false written all
                Expect.holds (File.ReadAllBytes path = File.ReadAllBytes written) "the two ways leave other files"

            testCase "a journal that is closed has no zeros behind it, and one that was killed none once it is opened"
            <| fun () ->
                let path = newFile ()
                write true path records
                Expect.equal (bytes records).Length (File.ReadAllBytes path).Length
                File.WriteAllBytes(path, left true records)
                Expect.holds ((FileInfo path).Length > int64 (bytes records).Length) "no zeros behind an open journal"
                use journal = Journal.Open(path, ignore, false)
                Expect.equal null journal.Complaint
                Expect.equal (int64 (bytes records).Length) (FileInfo path).Length

            property "the extent of a file is what is before the zeros at its end"
            <| fun (content: byte[]) (zeros: FsCheck.NonNegativeInt) ->
                let path = newFile ()
                let long = Array.concat [ content; Array.zeroCreate (zeros.Get * 3001) ]
                File.WriteAllBytes(path, long)
                JournalFile.Extent path = int64 (1 + Array.FindLastIndex(long, fun b -> b <> 0uy))

            testList
                "an append, once it is flushed, is the file's last change"
                [
                    for mapped in [ false; true ] do
                        testCase $"mapped: {mapped}"
                        <| fun () ->
                            let path = newFile ()
                            use journal = Journal.Open(path, ignore, mapped)
                            journal.Append records[0]
                            journal.Flush()
                            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch)
                            journal.Append records[1]
                            journal.Flush()
                            Expect.holds (File.GetLastWriteTimeUtc path > DateTime.UnixEpoch) "an append is no change"
                ]

            testList
                "who has a journal open that was renewed changes it no more"
                [
                    for mapped in [ false; true ] do
                        testCase $"mapped: {mapped}"
                        <| fun () ->
                            let path = newFile ()
                            use first = Journal.Open(path, ignore, mapped)
                            appendTo first (List.take 3 records)
                            Journal.Renew path

                            do
                                use second = Journal.Open(path, ignore, mapped)
                                first.Append records[5]
                                appendTo second (List.skip 3 records)
                                first.Append records[5]

                            (first :> IDisposable).Dispose()
                            Expect.holds (List.forall2 same records (read path)) "other records"
                ]

            testCase "a record that a power cut has torn is no damage"
            <| fun () ->
                let whole = bytes records
                let start = (bytes (List.take 3 records)).Length
                // Its head came to the disk, and a part of its body did not.
                let file = left true (List.take 4 records)
                Array.fill file (start + 16) 20 0uy
                let path = newFile ()
                File.WriteAllBytes(path, file)
                use journal = Journal.Open(path, ignore, true)
                Expect.equal null journal.Complaint
                Expect.equal whole[.. start - 1] (File.ReadAllBytes path)
                Expect.equal 3 (read path).Length

            testList
                "cut anywhere, the whole records before the cut are read and appended to"
                [
                    for mapped, zeros in List.allPairs [ false; true ] [ 0; 1000 ] do
                        testCase $"mapped: {mapped}, {zeros} zeros"
                        <| fun () ->
                            let whole = bytes records
                            let file = newFile ()
                            File.WriteAllBytes(file, whole)
                            let ends = [ for entry in Journal.Read(file, 0L) -> int entry.End ]

                            for cut in 0 .. whole.Length do
                                let path = newFile ()
                                File.WriteAllBytes(path, Array.append whole[.. cut - 1] (Array.zeroCreate zeros))
                                let kept = ends |> List.filter (fun e -> e <= cut) |> List.length
                                Expect.holds (kept <= (read path).Length) $"cut at {cut}"
                                // A cut among zeros of a record's own loses nothing where zeros follow.
                                let kept = List.take (read path).Length records
                                write mapped path [ records[0] ]
                                Expect.holds (List.forall2 same (kept @ [ records[0] ]) (read path)) $"cut at {cut}"
                ]

            testCase "killed while it appends, a process has appended nothing, and nothing is amiss"
            <| fun () ->
                let whole = bytes records
                let start = (bytes (List.take 5 records)).Length
                let file = left true (List.take 5 records)

                // The body comes before the head.
                for copied in start + 8 .. whole.Length do
                    Array.blit whole (start + 8) file (start + 8) (copied - start - 8)
                    let path = newFile ()
                    File.WriteAllBytes(path, file)
                    Expect.equal 5 (read path).Length
                    use journal = Journal.Open(path, ignore, true)
                    Expect.equal null journal.Complaint

            property "a damaged record ends the reading, and no damage is read as a record"
            <| fun (place: FsCheck.NonNegativeInt) (bit: FsCheck.NonNegativeInt) (mapped: bool) ->
                let path = newFile ()
                let bytes = left mapped records
                File.WriteAllBytes(path, bytes)
                let ends = [ for entry in Journal.Read(path, 0L) -> int entry.End ]
                let place = place.Get % List.last ends
                bytes[place] <- bytes[place] ^^^ (1uy <<< (bit.Get % 8))
                File.WriteAllBytes(path, bytes)
                let after = read path
                let last = ends[records.Length - 2]
                use opened = Journal.Open(path, ignore, mapped)

                after.Length < records.Length
                && List.forall2 same (List.take after.Length records) after
                // What is followed by whole records was not torn: it is told of, and nothing is thrown away.
                && (place >= last
                    || (not (isNull opened.Complaint) && File.ReadAllBytes(path + ".damaged") = bytes))
        ]
