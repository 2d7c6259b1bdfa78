/// Comparisons of many runs: their tables, and their page as a browser shows it.
module Gan.Experiments.Tests.ReportTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing

let private losses = [ "hinge"; "wasserstein"; "odd </script> & 'loss'" ]

/// Runs of three losses with a better second one, a rate that matters, and everything else that a page can show.
let private fill (place: string) count points =
    use store = RunStores.Open place

    for i in 0 .. count - 1 do
        let folder = store.FolderOf("many", Guid.NewGuid().ToString "N")
        folder.Create()
        let loss = losses[i % losses.Length]
        let seed = i / losses.Length + 1

        let noise step =
            Draws.Normal(int64 i, string step) * 0.05

        let quality = (if loss = "wasserstein" then 0.9 else 0.5) + noise 0L

        let records: JournalRecord list =
            [
                JournalRecord.Started(folder.RunId, $"run-{i}", "many", "user", 1000L * int64 i)
                JournalRecord.Parameters(
                    readOnlyDict
                        [
                            "seed", string seed
                            "loss.kind", loss
                            if loss = "wasserstein" then
                                "loss.weight", "10"
                        ]
                )
                JournalRecord.Tags(readOnlyDict [ "gan.detected.collapse", "step 3" ])
                for step in 1L .. points do
                    JournalRecord.Metrics(
                        step * 10L,
                        step,
                        readOnlyDict
                            [
                                for m in 1..10 do
                                    $"discriminator/value_{m}", Math.Exp(-float step / 50.0) + noise step

                                "evaluation/modes", quality * float step / float points
                                "odd/nan", if step % 3L = 0L then nan else infinity
                            ]
                    )
                JournalRecord.Status((if i = 5 then RunStatus.Failed else RunStatus.Finished), 5000L)
            ]

        use journal = Journal.Open(folder.Journal, ignore)
        List.iter journal.Append records
        JournalDrain(store, folder).Carry(true, CancellationToken.None) |> ignore

        for step in [ 100L; 200L ] do
            let pixels = Array.init (16 * 16 * 3) (fun p -> byte (p * int step % 256))

            StepFiles.SavePicture(folder.Images, "samples/average", step, Picture(16, 16, 3, pixels))
            |> ignore

        Directory.CreateDirectory folder.Spectra |> ignore

        File.WriteAllText(
            Path.Combine(folder.Spectra, "step-100.json"),
            """{"step":100,"eigenvalues":[{"re":-1.5,"im":0.5,"residual":0},{"re":-1.5,"im":-0.5,"residual":0}]}"""
        )

let private store count points =
    let place = Path.Combine(Places.newFolder (), "mlflow.db")
    fill place count points
    place

let private few = lazy (store 12 40L)

let private grouped place =
    GroupedRuns.Of("many", ComparedTargets.Find(place, [ "many" ]))

let private chromium =
    [ "chromium"; "chromium-browser"; "google-chrome" ]
    |> List.tryPick (fun name ->
        (Environment.GetEnvironmentVariable "PATH" |> string).Split ':'
        |> Array.map (fun folder -> Path.Combine(folder, name))
        |> Array.tryFind File.Exists)

/// Opens a page: what its body is after its scripts, what it wrote on the console, and how long that took.
let private browse (file: string) (more: string list) =
    match chromium with
    | None -> skiptest "no Chromium on this machine"
    | Some program ->
        let info =
            ProcessStartInfo(program, RedirectStandardOutput = true, RedirectStandardError = true)

        for argument in
            [
                "--headless"
                "--no-sandbox"
                "--disable-gpu"
                "--enable-logging=stderr"
                "--window-size=1280,2400"
                "--virtual-time-budget=10000"
                $"--user-data-dir={Places.newFolder ()}"
                "--dump-dom"
            ]
            @ more
            @ [ "file://" + file ] do
            info.ArgumentList.Add argument

        let clock = Stopwatch.StartNew()
        use running = nonNull (Process.Start info)
        let error = running.StandardError.ReadToEndAsync()
        let dom = running.StandardOutput.ReadToEnd()
        running.WaitForExit()

        let console =
            error.Result.Split '\n'
            |> Array.filter _.Contains("CONSOLE")
            |> String.concat "\n"

        dom, console, clock.Elapsed.TotalSeconds

let private write place =
    let file = Path.Combine(Places.newFolder (), "report.html")

    HtmlReport.Write(
        file,
        grouped place,
        SweepMetric("evaluation/modes", true),
        "gan compare many --report report.html"
    )

    file

/// Uses every control of the page as a reader does, and leaves what came of it in the page's body.
let private reader =
    """<script>
const told = {};
const fire = (id, name) => element(id).dispatchEvent(new Event(name));
const option = id => echarts.getInstanceByDom(element(id)).getOption();
const values = () => option("curves").series.at(-1).data.map(point => point[1]);
const set = (id, value) => { element(id).value = value; fire(id, "input"); };
for (const id of ["ranking-metric", "curve-metric", "parameter-metric", "sample-kind"])
  for (const one of [...element(id).options].map(o => o.value).reverse()) { element(id).value = one; fire(id, "change"); }
element("curve-metric").value = "discriminator/value_1"; fire("curve-metric", "change");
const plain = values();
const spread = list => list.slice(1).reduce((sum, value, i) => sum + Math.abs(value - list[i]), 0);
set("smoothing", 0.9);
told.smoother = spread(values()) < spread(plain);
set("smoothing", 0);
for (const id of ["log-x", "log-y"]) { element(id).checked = true; fire(id, "input"); }
told.axes = option("curves").xAxis[0].type + " " + option("curves").yAxis[0].type;
for (const id of ["log-x", "log-y"]) { element(id).checked = false; fire(id, "input"); }
told.bands = option("curves").series.filter(one => one.type === "custom").length;
set("band", "none");
told.none = option("curves").series.filter(one => one.type === "custom").length;
element("each-run").checked = true; fire("each-run", "input");
told.lines = option("curves").series.length;
echarts.getInstanceByDom(element("curves")).dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: 5 });
told.hover = element("curves").innerText.trim().length > 10;
told.axesOfParallel = option("parallel").parallelAxis.map(axis => axis.name).join(" ");
set("sample-step", 0);
told.first = element("samples").innerText.includes("step 100");
set("sample-step", 1);
told.last = element("samples").innerText.includes("step 200");
const before = document.documentElement.dataset.theme;
element("theme").click();
told.turned = document.documentElement.dataset.theme !== before;
document.body.dataset.told = JSON.stringify(told);
</script>"""

let tests =
    testList
        "Report"
        [
            testCase "runs that differ in their seeds alone are one group, ranked by what they reach"
            <| fun () ->
                let runs = grouped few.Value
                Expect.equal 3 runs.Groups.Count
                let ranked = runs.Rank(SweepMetric("evaluation/modes", true))
                Expect.equal "loss=wasserstein" ranked[0].Group.Label
                Expect.equal [ 1; 2; 3 ] [ for one in ranked -> one.Rank ]
                // A group with a lost run comes after those without.
                Expect.equal (1, 3) (ranked[2].Lost, ranked[2].Metric.Count)
                Expect.holds (not ranked[0].P.HasValue && ranked[1].P.HasValue) "p is against the first"
                let backwards = runs.Rank(SweepMetric("evaluation/modes", false))
                Expect.equal "loss=wasserstein" backwards[1].Group.Label

            testCase "runs that chose a configuration do not flatter it"
            <| fun () ->
                let place = Path.Combine(Places.newFolder (), "mlflow.db")

                let trial phase loss seed quality =
                    use store = RunStores.Open place
                    let folder = store.FolderOf("phases", Guid.NewGuid().ToString "N")
                    folder.Create()
                    use journal = Journal.Open(folder.Journal, ignore)

                    let records: JournalRecord list =
                        [
                            JournalRecord.Started(
                                folder.RunId,
                                phase,
                                "phases",
                                "user",
                                (if phase = "best" then 2000L else 1000L)
                            )
                            JournalRecord.Parameters(readOnlyDict [ "seed", string seed; "loss.kind", loss ])
                            JournalRecord.Tags(readOnlyDict [ "gan.phase", phase; "mlflow.parentRunId", "sweep" ])
                            JournalRecord.Metrics(1L, 1L, readOnlyDict [ "evaluation/modes", quality ])
                            JournalRecord.Status(RunStatus.Finished, 5000L)
                        ]

                    List.iter journal.Append records

                    JournalDrain(store, folder).Carry(true, CancellationToken.None) |> ignore

                trial "wide" "hinge" 1 9.0
                trial "wide" "wasserstein" 1 8.5

                for seed in 2..4 do
                    trial "best" "hinge" seed (float seed)

                let runs = GroupedRuns.Of("phases", ComparedTargets.Find(place, [ "phases" ]))
                let ranked = Seq.exactlyOne (runs.Rank(SweepMetric("evaluation/modes", true)))
                Expect.equal ("loss=hinge", 3, 3.0) (ranked.Group.Label, ranked.Metric.Count, ranked.Metric.Mean)

                Expect.equal
                    (set [ "loss=hinge"; "wide: loss=hinge"; "wide: loss=wasserstein" ])
                    (set [ for one in runs.Groups -> one.Label ])

                Expect.equal 5 (Seq.length runs.Runs)

            testCase "tables are the same in every form"
            <| fun () ->
                let table =
                    ComparisonTable.Of(
                        grouped few.Value,
                        [
                            SweepMetric("evaluation/modes", true)
                            SweepMetric("discriminator/value_1", false)
                        ]
                    )

                Expect.equal 3 table.Rows.Count
                let csv = table.ToCsv().TrimEnd().Split '\n'
                Expect.equal 4 csv.Length
                Expect.contains "rank,group,runs,evaluation/modes,deviation,95 % interval,discriminator/value_1" csv[0]
                Expect.contains "| 1 | loss=wasserstein | 4 |" (table.ToMarkdown())
                let latex = table.ToLatex()
                Expect.contains "\\begin{tabular}" latex
                Expect.contains "discriminator/value\\_1" latex
                Expect.contains "\\& 'loss'" latex

            testList
                "the page opens without a word on the console, every part in its place"
                [
                    for theme in [ "light"; "dark" ] do
                        testCase theme
                        <| fun () ->
                            let scheme = if theme = "dark" then "0" else "1"

                            let dom, console, _ =
                                browse (write few.Value) [ $"--blink-settings=preferredColorScheme={scheme}" ]

                            Expect.equal "" console
                            Expect.contains $"data-theme=\"{theme}\"" dom
                            Expect.contains "12 runs in 3 groups, 11 finished" dom
                            Expect.contains "loss=odd &lt;/script&gt; &amp; 'loss'" dom

                            for id in [ "intervals"; "curves"; "parallel"; "importance"; "spectra" ] do
                                let part = dom.Substring(dom.IndexOf $"id=\"{id}\"")
                                Expect.holds (part.IndexOf "<canvas" < 700) $"{id} is drawn"

                            Expect.contains "<figure><img" dom
                            Expect.contains "collapse" dom
                ]

            testCase "every control of the page does what it says"
            <| fun () ->
                let file = write few.Value
                let page = File.ReadAllText file
                File.WriteAllText(file, page.Insert(page.LastIndexOf "</body>", reader))
                let dom, console, _ = browse file []
                Expect.equal "" console
                let start = dom.IndexOf "data-told=\"" + "data-told=\"".Length

                let told =
                    dom.Substring(start, dom.IndexOf('"', start) - start).Replace("&quot;", "\"")

                let expected =
                    [
                        "\"smoother\":true"
                        "\"axes\":\"log log\""
                        "\"bands\":3"
                        "\"none\":0"
                        "\"lines\":12"
                        "\"hover\":true"
                        "\"axesOfParallel\":\"loss.kind evaluation/modes\""
                        "\"first\":true"
                        "\"last\":true"
                        "\"turned\":true"
                    ]

                for one in expected do
                    Expect.contains one told

            testCase "the page needs nothing but itself"
            <| fun () ->
                let text = File.ReadAllText(write few.Value)

                for outside in [ "src=\"http"; "href=\"http"; "@import"; "url(http" ] do
                    Expect.lacks outside text

            Suite.full
                [
                    testCase "two hundred runs are a page that opens quickly"
                    <| fun () ->
                        let file = write (store 200 400L)
                        Expect.holds (FileInfo(file).Length < 40_000_000L) $"{FileInfo(file).Length} bytes"
                        let dom, console, seconds = browse file []
                        Expect.equal "" console
                        Expect.contains "200 runs" dom
                        Console.WriteLine $"{seconds:F1} s, {float (FileInfo(file).Length) / 1e6:F1} MB"
                ]

            testCase "what is to be compared and is not there is told"
            <| fun () ->
                let folder = nonNull (Path.GetDirectoryName few.Value)

                for arguments, expected in
                    [
                        [ "compare"; "nobody" ], "There is no run 'nobody'"
                        [ "compare"; "many"; "--metric"; "evaluation/mods" ], "did you mean 'evaluation/modes'?"
                        [ "compare" ], "name runs, sweeps or experiments"
                        [ "compare"; "many"; "--maximize"; "--minimize" ], "not both"
                        [ "report"; "many"; "--output"; "nowhere/report.html" ], "There is no folder"
                    ] do
                    let finished = Cli.run folder arguments
                    Expect.holds (finished.Code <> 0) "it fails"
                    Expect.contains expected finished.Error
        ]
