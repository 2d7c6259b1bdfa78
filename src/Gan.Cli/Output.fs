/// Tables, numbers, and lines of JSON.
module Gan.Cli.Output

open System
open System.Globalization
open System.Text.Json

/// A number in few characters: whole ones whole, others with four digits.
let number (value: float) =
    if value = Math.Floor value && abs value < 1e9 then
        value.ToString("0", CultureInfo.InvariantCulture)
    else
        value.ToString("G4", CultureInfo.InvariantCulture)

/// The number, or nothing where it is NaN.
let known (value: float) =
    if Double.IsNaN value then "" else number value

/// A number of bytes, as 3.1 MB.
let bytes (count: int64) =
    if count >= 1_000_000L then $"{float count / 1e6:F1} MB"
    elif count >= 1000L then $"{float count / 1e3:F1} kB"
    else $"{count} bytes"

/// A span of time as 1:02:03 or 2:03.
let duration (span: TimeSpan) =
    if span.TotalHours >= 1.0 then
        $"{int span.TotalHours}:{span.Minutes:D2}:{span.Seconds:D2}"
    else
        $"{span.Minutes}:{span.Seconds:D2}"

/// The name of a state or an ending, as it is printed.
let word (value: #Enum) = value.ToString().ToLowerInvariant()

let private options =
    JsonSerializerOptions(
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    )

/// A value as one line of JSON.
let jsonText (value: obj) =
    JsonSerializer.Serialize(value, options)

/// Prints a value as one line of JSON.
let json (value: obj) = Console.Out.WriteLine(jsonText value)

/// Prints what happened as one line of JSON, its name first.
let event (name: string) (fields: obj) =
    let line = (nonNull (JsonSerializer.SerializeToNode(fields, options))).AsObject()
    line.Insert(0, "event", Nodes.JsonValue.Create name)
    Console.Out.WriteLine(line.ToJsonString options)

/// Rows in columns under a header, each column as wide as its widest cell.
let aligned (header: string list) (rows: string list list) =
    let widths =
        header :: rows
        |> List.transpose
        |> List.map (List.map String.length >> List.max)

    header :: rows
    |> List.map (fun row ->
        List.map2 (fun (cell: string) width -> cell.PadRight width) row widths
        |> String.concat "  "
        |> _.TrimEnd())
    |> List.map (fun line -> line + Environment.NewLine)
    |> String.concat ""

/// Prints rows in columns under a header; on a terminal, as its window has room for them.
let table header rows =
    if Terminal.isLive () then
        Terminal.table header rows
    else
        Console.Out.Write(aligned header rows)
