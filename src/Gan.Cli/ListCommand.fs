module Gan.Cli.ListCommand

open Argu
open Gan.Experiments
open Gan.Cli.Failures

let private show (catalog: ICatalog) =
    printfn $"{catalog.What}"

    for line in catalog.Lines do
        let paper = if line.Paper = "" then "" else $"   [{line.Paper}]"
        printfn $"  {line.Name, -20} {line.Summary}{paper}"

        if line.Parameters.Count > 0 then
            let parameters = System.String.Join("  ", line.Parameters)
            printfn $"""  {"", -20} {parameters}"""

/// As a table of Markdown.
let private showMarkdown (catalog: ICatalog) =
    let cell (text: string) = text.Replace("|", "\\|")
    printfn $"| {catalog.What} | formula | parameters | from |"
    printfn "| --- | --- | --- | --- |"

    for line in catalog.Lines do
        let parameters = System.String.Join(", ", line.Parameters)
        printfn $"| {line.Name} | {cell line.Summary} | {parameters} | {line.Paper} |"

    printfn ""

/// `gan list`
let run (arguments: ParseResults<ListArguments>) =
    let chosen =
        match Arguments.single arguments (arguments.GetResults What) with
        | None -> List.ofSeq Catalogs.All
        | Some what ->
            match Catalogs.All |> Seq.tryFind (fun catalog -> catalog.What = what) with
            | Some catalog -> [ catalog ]
            | None ->
                let names = [| for catalog in Catalogs.All -> catalog.What |]
                arguments.Raise $"there is no list '{what}'; {NearestName.Hint(what, names)}"

    for catalog in chosen do
        if arguments.Contains ListArguments.Json then
            Output.json
                {|
                    what = catalog.What
                    entries = catalog.Lines
                |}
        elif arguments.Contains ListArguments.Markdown then
            showMarkdown catalog
        else
            show catalog

    ExitCode.ok
