/// What a terminal shows and a file or pipe does not: tables as wide as the window, and a part that is drawn again and again.
module Gan.Cli.Terminal

open System
open System.IO
open System.Text.RegularExpressions
open Spectre.Console
open Spectre.Console.Rendering

let private variable (name: string) =
    Environment.GetEnvironmentVariable name
    |> Option.ofObj
    |> Option.filter (fun value -> value <> "")

/// A log that a build server keeps is read later; there, lines that were drawn again would all stay.
let private isBuildServer () =
    variable "CI" |> Option.exists (fun value -> value <> "false")

// On Windows, asking also turns control codes on.
let private understandsCodes () =
    if OperatingSystem.IsWindows() then
        AnsiConsole.Profile.Capabilities.Ansi
    else
        variable "TERM" |> Option.exists (fun value -> value <> "dumb")

/// Whether standard output is a terminal that understands control codes; all others get plain lines.
let isLive =
    let decided =
        lazy (not Console.IsOutputRedirected && not (isBuildServer ()) && understandsCodes ())

    fun () -> decided.Value

/// The window's columns, at least 20, and rows.
let window () =
    let known fallback size = if size > 0 then size else fallback
    max 20 (known 80 Console.WindowWidth), known 24 Console.WindowHeight

/// Text without control characters, which would move the cursor; line breaks stay.
let clean (text: string) =
    text
    |> String.map (fun sign -> if Char.IsControl sign && sign <> '\n' then ' ' else sign)

/// A text as a part of tables and other content. Brackets are no markup in it.
let text (content: string) = Text(clean content)

/// Content as the text that a window of a width shows. The last column stays free: not all terminals wrap there alike.
let render (width: int) (content: IRenderable) =
    use writer = new StringWriter()

    let console =
        AnsiConsole.Create(
            AnsiConsoleSettings(
                Ansi = AnsiSupport.Yes,
                Interactive = InteractionSupport.No,
                Out = AnsiConsoleOutput writer
            )
        )

    console.Profile.Width <- max 2 width - 1
    console.Profile.Capabilities.Unicode <- Console.OutputEncoding.CodePage = Text.Encoding.UTF8.CodePage
    console.Write content

    writer.ToString().TrimEnd().Split '\n'
    |> Array.map (fun line -> line.TrimEnd() + Environment.NewLine)
    |> String.concat ""

/// The columns of a window that a text takes, its codes for colors aside.
let private cells (content: string) =
    Segment(Regex.Replace(content, "\u001b\\[[0-9;]*m", "")).CellCount()

/// A text in one line, cut where it is longer than a width.
let private fit width (line: string) =
    if width < 2 && cells line > width then
        ""
    else
        (Seq.head (Segment.SplitOverflow(Segment line, Overflow.Ellipsis, width))).Text

/// A number, a time, or two of them, as an interval or a complex number has.
let private isNumber (cell: string) =
    let one = @"-?(NaN|Infinity|\d[\d.,:/%eE+-]*i?)"
    Regex.IsMatch(cell, $"^{one}( (to|[+-]) {one})?$")

/// The space between columns, which is that of a grid.
let private gap = 2

/// How a table's columns share a room.
type private Column =
    {
        Width: int
        Least: int
        Numbers: bool
    }

let private longest (separators: string) (texts: string list) =
    texts
    |> List.collect (fun content -> List.ofArray (content.Split(separators.ToCharArray())))
    |> List.fold (fun found word -> max found (cells word)) 0

let private measure (column: string list) =
    let filled = column.Tail |> List.filter (fun cell -> cell <> "")

    let numbers = not filled.IsEmpty && filled |> List.forall isNumber

    let words = longest " \n" filled

    {
        Width = max 1 (longest "\n" column)
        Least = max (if numbers then words else min 16 words) (min 8 (longest " " [ column.Head ]))
        Numbers = numbers
    }

let private total (columns: Column list) =
    (columns |> List.sumBy _.Width) + gap * (List.length columns - 1)

/// The widest columns give way, one after another, until all fit or none may give more.
let rec private share room (columns: Column list) =
    match columns |> List.filter (fun column -> column.Width > column.Least) with
    | able when total columns > room && not able.IsEmpty ->
        let widest = able |> List.maxBy _.Width
        let index = columns |> List.findIndex ((=) widest)
        share room (List.updateAt index { widest with Width = widest.Width - 1 } columns)
    | _ -> columns

/// A name above or beside what it names.
let heading (name: string) =
    Text(clean name, Style(decoration = Decoration.Bold))

let private build (header: string list) (rows: string list list) (columns: Column list) =
    let grid = Grid()

    for column in columns do
        let side = if column.Numbers then Justify.Right else Justify.Left
        grid.AddColumn(GridColumn(Width = column.Width, Alignment = side)) |> ignore

    if header |> List.exists (fun name -> name <> "") then
        grid.AddRow [| for name in header -> heading name :> IRenderable |] |> ignore

    for row in rows do
        grid.AddRow [| for cell in row -> text cell :> IRenderable |] |> ignore

    grid :> IRenderable

/// Each row by itself, a line for a column: for windows that are too narrow for the columns beside each other.
let private records (width: int) (header: string list) (rows: string list list) =
    // A long name leaves room for its value.
    let names = min (longest "\n" header) (width / 2 - gap)

    let grid = Grid().AddColumn(GridColumn(Width = names)).AddColumn()

    for index, row in List.indexed rows do
        if index > 0 then
            grid.AddEmptyRow() |> ignore

        for name, cell in List.zip header row do
            if cell <> "" then
                grid.AddRow(heading name, text cell) |> ignore

    grid :> IRenderable

/// Rows in columns under a header, numbers to the right, as a window of a width has room for them.
let tableOf (width: int) (header: string list) (rows: string list list) =
    let table =
        header :: rows
        |> List.map (List.map (fun (cell: string) -> (clean cell).Trim()))

    let fits (table: string list list) =
        let columns = table |> List.transpose |> List.map measure |> share (width - 1)

        if total columns < width || rows.IsEmpty then
            Some(build table.Head table.Tail columns)
        else
            None

    // Columns that have nothing to say go first.
    let filled =
        table
        |> List.transpose
        |> List.filter (fun column -> column.Tail |> List.exists (fun cell -> cell <> ""))
        |> List.transpose

    fits table
    |> Option.orElseWith (fun () -> if filled.IsEmpty then None else fits filled)
    |> Option.defaultWith (fun () -> records width table.Head table.Tail)

/// The widest of the columns that may be missing is left out, one after another, until all fit.
let rec private leaveOut room (missing: Set<string>) (columns: (Column * string list) list) =
    let shared = share room (List.map fst columns)

    match columns |> List.filter (fun (_, cells) -> missing.Contains cells.Head) with
    | able when total shared > room && not able.IsEmpty ->
        let widest = able |> List.maxBy (fun (column, _) -> column.Width)
        leaveOut room missing (columns |> List.filter (fun column -> column <> widest))
    | _ -> List.zip shared (List.map snd columns)

/// The same with a line a row, whatever must be cut or, of the columns that may be missing, left out for it.
let linesOf (width: int) (missing: Set<string>) (header: string list) (rows: string list list) =
    let measured (cells: string list) =
        let own = measure cells
        let most = if missing.Contains cells.Head then 6 else own.Least
        { own with Least = min most own.Least }

    let columns, cells =
        header :: rows
        |> List.map (List.map (fun cell -> (clean cell).Replace('\n', ' ')))
        |> List.transpose
        |> List.map (fun cells -> measured cells, cells)
        |> leaveOut (width - 1) missing
        |> List.unzip

    let columns =
        columns
        |> List.map (fun column -> { column with Least = 1 })
        |> share (width - 1)

    let cut =
        List.map2 (fun (column: Column) cells -> cells |> List.map (fit column.Width)) columns cells
        |> List.transpose

    build cut.Head cut.Tail columns

/// Prints rows in columns under a header, which may be of empty names.
let table header rows =
    let width, _ = window ()
    Console.Out.Write(render width (tableOf width header rows))

/// The last lines of a window, drawn again and again; what is written meanwhile scrolls above them. Spectre's live display
/// erases the whole window and what has scrolled out of it when the window becomes narrower, and the end of a longer line
/// stays behind a shorter one that is written over it; so this one counts its own lines. The cursor is never hidden: no end
/// of the process leaves a terminal without one.
type Screen(out: TextWriter, size: unit -> int * int) =
    let mutable drawn: string list = []

    // Where the window has become narrower, lines that were drawn take several rows.
    let erase () =
        let width, _ = size ()

        let rows =
            drawn |> List.sumBy (fun line -> max 1 ((cells line + width - 1) / width))

        if rows = 0 then "" else $"\u001b[{rows}A\r\u001b[J"

    let joined () =
        drawn |> List.map (fun line -> line + Environment.NewLine) |> String.concat ""

    /// Draws content in the place of what was drawn before, as much as the window has room for.
    member _.Show(content: int * int -> IRenderable) =
        let width, height = size ()
        let gone = erase ()

        drawn <-
            (render width (content (width, height))).TrimEnd().Split '\n'
            |> List.ofArray
            |> List.truncate (max 1 (height - 1))

        out.Write(gone + joined ())

    /// Lets something be written above what is drawn.
    member _.Above(write: unit -> unit) =
        out.Write(erase ())
        write ()
        out.Write(joined ())

    interface IDisposable with
        member _.Dispose() =
            out.Write(erase ())
            drawn <- []

/// The last lines of the terminal.
let screen () = new Screen(Console.Out, window)
