module Gan.Cli.ListCommand

open Argu
open Gan.Experiments
open Gan.Cli.Failures

let private showTable (catalog: ICatalog) =
    let described (line: CatalogLine) =
        let paper = if line.Paper = "" then "" else $"   [{line.Paper}]"
        let parameters = System.String.Join("  ", line.Parameters)
        $"{line.Summary}{paper}\n{parameters}".TrimEnd()

    Terminal.table [ catalog.What; "" ] [ for line in catalog.Lines -> [ line.Name; described line ] ]

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

let private showRefused json =
    let found = Refusals.OnTheRing()

    if json then
        Output.json
            {|
                combinations = found.Combinations
                refused = found.Refused
                by_discriminator =
                    [
                        for refusal in found.ByDiscriminator ->
                            {|
                                loss = refusal.Loss
                                discriminator = refusal.Discriminator
                                reason = refusal.Reason.ToString()
                            |}
                    ]
            |}
    else
        printfn
            $"{found.Refused.Count} of {found.Combinations} combinations of loss, penalty and rule are refused on the ring with every discriminator"

        for refusal in found.Refused do
            printfn $"  {refusal}"

        printfn $"{found.ByDiscriminator.Count} pairs of loss and discriminator are refused:"

        Output.table
            [ "  loss"; "discriminator"; "reason" ]
            [
                for refusal in found.ByDiscriminator ->
                    [ $"  {refusal.Loss}"; refusal.Discriminator; $"{refusal.Reason}" ]
            ]

    ExitCode.ok

let private showCatalogs (arguments: ParseResults<ListArguments>) =
    let catalogs =
        Extensions.Load(arguments.GetResults ListArguments.Extension |> List.map Extensions.Of, Catalogs.BuiltIn)

    let chosen =
        match Arguments.single arguments (arguments.GetResults What) with
        | None -> List.ofSeq catalogs.All
        | Some what ->
            match catalogs.All |> Seq.tryFind (fun catalog -> catalog.What = what) with
            | Some catalog -> [ catalog ]
            | None ->
                let names = [| for catalog in catalogs.All -> catalog.What |]
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
        elif Terminal.isLive () then
            showTable catalog
        else
            show catalog

    ExitCode.ok

/// `gan list`
let run (arguments: ParseResults<ListArguments>) =
    if arguments.Contains Refused then
        showRefused (arguments.Contains ListArguments.Json)
    else
        showCatalogs arguments
