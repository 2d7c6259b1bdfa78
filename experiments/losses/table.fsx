// Every loss under one protocol on the ring, the grid and glyphs, as a table of Markdown; two runs at a time.
//
//     dotnet fsi experiments/losses/table.fsx [STEPS]
//
// STEPS shortens every run. Penalties, optimizers and schedules are those of the specs beside this script, for all losses.
#I "../../src/Gan.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "Gan.Core.dll"
#r "Gan.Experiments.dll"

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading.Tasks
open Gan.Experiments

let gan =
    Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "src", "Gan.Cli", "bin", "Release", "net10.0", "gan.dll")

let steps =
    match List.ofArray fsi.CommandLineArgs with
    | _ :: steps :: _ -> Some(int steps)
    | _ -> None

/// A task: its spec, its widths, and the labels of its data.
type Task =
    {
        Name: string
        Widths: string
        Classes: int
    }

let tasks =
    [
        {
            Name = "ring"
            Widths = "[64, 64, 64]"
            Classes = 8
        }
        {
            Name = "grid"
            Widths = "[64, 64, 64]"
            Classes = 25
        }
        {
            Name = "glyphs"
            Widths = "[512, 256]"
            Classes = 10
        }
    ]

/// What a loss asks of a spec beside its name: an autoencoder for energies, labels for classes.
let own loss task =
    match loss with
    | "energy_based"
    | "began" -> [ $"discriminator={{kind: autoencoder, widths: {task.Widths}, code: 16}}" ]
    | "multi_hinge" -> [ "data.labels=true"; $"discriminator.outputs={task.Classes + 1}" ]
    | _ -> []

let assignments loss task =
    [
        $"loss.kind={loss}"
        "threads=1"
        yield! own loss task

        match steps with
        | Some count -> $"steps={count}"
        | None -> ()
    ]

/// The values at a run's end; none where it diverged.
let train loss task =
    let info = ProcessStartInfo("dotnet", RedirectStandardOutput = true)

    for argument in
        [
            gan
            "train"
            Path.Combine(__SOURCE_DIRECTORY__, task.Name + ".yaml")
            "--json"
            for assignment in assignments loss task do
                yield! [ "--set"; assignment ]
        ] do
        info.ArgumentList.Add argument

    use running = Process.Start info
    let last = running.StandardOutput.ReadToEnd().TrimEnd().Split('\n') |> Array.last
    running.WaitForExit()

    if running.ExitCode <> 0 then
        Map.empty
    else
        let values = JsonDocument.Parse(last).RootElement.GetProperty "values"
        Map [ for value in values.EnumerateObject() -> value.Name, value.Value.GetDouble() ]

let cell task (values: Map<string, float>) =
    if values.IsEmpty then
        "diverged"
    else
        let value name = values["evaluation/" + name]

        if task.Name = "glyphs" then
            (value "sliced_wasserstein").ToString "F3"
        else
            let fraction, divergence = 100.0 * value "high_quality", value "reverse_kl"
            $"""{value "modes"}, {fraction:F0} %%, {divergence:F2}"""

let losses = [ for entry in LossCatalog.Losses.Entries -> entry.Name ]
let clock = Stopwatch.StartNew()
let work = List.allPairs losses tasks |> Array.ofList
let results = Array.create work.Length Map.empty

Parallel.For(
    0,
    work.Length,
    ParallelOptions(MaxDegreeOfParallelism = 2),
    fun i -> results[i] <- train (fst work[i]) (snd work[i])
)
|> ignore

printfn "| loss | ring: modes, high quality, reverse KL | grid: the same | glyphs: sliced Wasserstein |"
printfn "| --- | --- | --- | --- |"

for loss, row in Array.zip work results |> Array.groupBy (fun ((loss, _), _) -> loss) do
    let cells = row |> Array.map (fun ((_, task), values) -> cell task values)
    printfn $"""| {loss} | {String.Join(" | ", cells)} |"""

printfn ""
printfn $"{work.Length} runs in {clock.Elapsed.TotalMinutes:F1} minutes"
