/// `gan compare` and `gan report`: runs side by side, as a table and as a page.
module Gan.Cli.CompareCommand

open System
open System.IO
open Argu
open Gan.Experiments
open Gan.Cli.Failures

/// What runs are compared by: what is asked for, or else a sweep's own metric, or else the evaluation's first.
let private metrics place (targets: string list) (asked: string list) goal (runs: GroupedRuns) =
    for name in asked do
        if not (Seq.contains name runs.Metrics) then
            raise (UserException $"No run has the metric '{name}'; {NearestName.Hint(name, runs.Metrics)}")

    let toward name =
        SweepMetric(name, defaultArg goal (GroupedRuns.IsMaximized name))

    match asked, Option.ofObj (ComparedTargets.MetricOf(place, targets)) with
    | first :: others, _ ->
        toward first
        :: [ for name in others -> SweepMetric(name, GroupedRuns.IsMaximized name) ]
    | [], Some metric -> [ metric ]
    | [], None ->
        let evaluated = runs.Metrics |> Seq.tryFind _.StartsWith("evaluation/")

        match evaluated |> Option.orElse (Seq.tryHead runs.Metrics) with
        | Some name -> [ toward name ]
        | None -> raise (UserException "The runs have no metrics yet.")

let private json (runs: GroupedRuns) (metric: SweepMetric) =
    Output.json
        {|
            metric = metric.Name
            goal = (if metric.Maximize then "maximize" else "minimize")
            groups =
                [
                    for one in runs.Rank metric ->
                        {|
                            rank = one.Rank
                            group = one.Group.Label
                            values = one.Group.Values
                            runs = [ for run in one.Group.Runs -> run.Run.RunId ]
                            count = one.Metric.Count
                            mean = one.Metric.Mean
                            deviation = one.Metric.Deviation
                            low = one.Metric.Low
                            high = one.Metric.High
                            p = one.P
                            lost = one.Lost
                        |}
                ]
        |}

let private aligned (table: ComparisonTable) =
    Output.aligned (List.ofSeq table.Header) [ for row in table.Rows -> List.ofSeq row ]

/// The formats of a table: name, ending, and text.
let private formats: (string * string * (ComparisonTable -> string)) list =
    [
        "text", ".txt", aligned
        "csv", ".csv", _.ToCsv()
        "markdown", ".md", _.ToMarkdown()
        "latex", ".tex", _.ToLatex()
    ]

/// The format that is asked for, or that a file's ending asks for.
let private formatOf (arguments: ParseResults<CompareArguments>) (output: string option) =
    match arguments.TryGetResult Format with
    | Some asked ->
        match formats |> List.tryFind (fun (name, _, _) -> name = asked) with
        | Some format -> format
        | None ->
            let names = [ for name, _, _ in formats -> name ]
            arguments.Raise $"there is no format '{asked}'; {NearestName.Hint(asked, names)}"
    | None ->
        let ending = output |> Option.map (fun file -> nonNull (Path.GetExtension file))

        formats
        |> List.tryFind (fun (_, own, _) -> Some own = ending)
        |> Option.defaultValue formats.Head

/// Writes a page and says where it is.
let private writeReport output (runs: GroupedRuns) (metric: SweepMetric) command =
    HtmlReport.Write(output, runs, metric, command)
    printfn $"report    {Path.GetFullPath output}"

/// `gan compare`
let run (arguments: ParseResults<CompareArguments>) =
    let place = arguments.GetResult(CompareArguments.Store, RunStores.Default)

    let targets =
        Arguments.several arguments "name runs, sweeps or experiments" (arguments.GetResults CompareArguments.Targets)

    let runs =
        GroupedRuns.Of(String.Join(", ", targets), ComparedTargets.Find(place, targets))

    let goal =
        match arguments.Contains Maximize, arguments.Contains Minimize with
        | true, true -> arguments.Raise "--maximize or --minimize, not both"
        | true, _ -> Some true
        | _, true -> Some false
        | _ -> None

    let metrics =
        metrics place targets (arguments.GetResults CompareArguments.Metric) goal runs

    if arguments.Contains CompareArguments.Json then
        json runs metrics.Head
    else
        let table = ComparisonTable.Of(runs, Array.ofList metrics)
        let output = arguments.TryGetResult CompareArguments.Output

        let kind, _, textOf = formatOf arguments output

        match output with
        | Some file ->
            OutputFile.WriteText(file, textOf table)
            printfn $"table     {Path.GetFullPath file}"
        | None when kind = "text" ->
            Output.table (List.ofSeq table.Header) [ for row in table.Rows -> List.ofSeq row ]

            printfn
                "p: as good as the first, by a paired bootstrap over shared seeds, corrected for all by Holm's method"
        | None -> Console.Out.Write(textOf table)

    match arguments.TryGetResult CompareArguments.Report with
    | Some file ->
        let named = String.Join(" ", targets)
        writeReport file runs metrics.Head $"gan compare {named} --report {Path.GetFileName file}"
    | None -> ()

    ExitCode.ok

/// `gan report`
let report (arguments: ParseResults<ReportArguments>) =
    let place = arguments.GetResult(ReportArguments.Store, RunStores.Default)

    let name =
        Arguments.required arguments "name a run or a sweep" (arguments.GetResults ReportArguments.Run)

    let output = arguments.GetResult(ReportArguments.Output, "report.html")
    let runs = GroupedRuns.Of(name, ComparedTargets.Find(place, [ name ]))
    let metric = (metrics place [ name ] [] None runs).Head
    writeReport output runs metric $"gan report {name}"
    ExitCode.ok
