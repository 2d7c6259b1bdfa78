// A tracker of one's own, told of a run beside its store: dotnet fsi docs/examples/own-tracker.fsx
#I "../../src/Gan.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "Gan.Core.dll"
#r "Gan.Experiments.dll"

open System.IO
open System.Threading
open Gan.Experiments

let mutable best = 0.0

// It gets the journal's records, in order, on a thread of its own: training never waits for it.
let tracker =
    { new ITrackingTarget with
        member _.Key = "own"

        member _.Write(run, records, _) =
            for record in records do
                match record with
                | :? JournalRecord.Metrics as metrics when metrics.Values.ContainsKey "evaluation/modes" ->
                    best <- max best metrics.Values["evaluation/modes"]
                    printfn $"""step {metrics.Step}: {metrics.Values["evaluation/modes"]} modes"""
                | :? JournalRecord.Status as status -> printfn $"{run.RunId[..7]} is {status.Value}"
                | _ -> ()
    }

let silent =
    { new IRunObserver with
        member _.On _ = ()
    }

let folder = Directory.CreateTempSubdirectory().FullName
let spec = Path.Combine(__SOURCE_DIRECTORY__, "../../experiments/ring.yaml")

let set =
    [
        "steps=300"
        "batch=64"
        "evaluation.every=100"
        $"tracking.file={folder}/mlflow.db"
    ]

let outcome =
    ExperimentRunner.Train(
        ExperimentSpec.Load(spec, set),
        RunStart(Targets = [ tracker ]),
        silent,
        CancellationToken.None
    )

// What was run is found again, filtered and grouped.
let filter = RunFilter.Parse "metrics.evaluation/modes >= 0 and status = 'FINISHED'"

let found =
    RunIndex.List($"{folder}/mlflow.db", RunQuery(null, filter, null, 10, false))

printfn $"{found.Count} run, {outcome.Step} steps, at best {best} modes"
