namespace Gan.Cli

open Argu

/// The options of `gan train`.
type TrainArguments =
    | [<MainCommand>] Spec of path: string
    | [<AltCommandLine("-s")>] Set of assignment: string
    | [<AltCommandLine("-e")>] Extension of file: string
    | Resume of run: string
    | Pretrained of checkpoint: string
    | Threads of count: int
    | Store of store: string
    | Slurm
    | Sbatch of option: string
    | [<Hidden>] Ticket of file: string
    | [<Hidden>] Attended
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Slurm -> "run it as a job of the Slurm cluster that this machine submits to, and follow it"
            | Sbatch _ -> "with --slurm, an option of sbatch, as in --sbatch time=60 --sbatch gres=gpu:1"
            | Ticket _ -> "run the trial of a sweep that a file describes"
            | Attended -> "stop when standard input ends"
            | Spec _ -> "the experiment, a YAML file; not needed with --resume"
            | Set _ -> "set a value of the spec, as in --set loss=hinge --set data.modes=16"
            | Extension _ ->
                "an F# script or an assembly that adds losses and more, instead of the spec's own; see gan laws"
            | Resume _ -> "go on with a run: its id, the beginning of its id, or its name"
            | Pretrained _ -> "start from the weights of a checkpoint, or of a run's last one"
            | Threads _ -> "the number of threads; short for --set threads=N"
            | Store _ ->
                "the tracking store in which --resume and --pretrained look for runs (MLFLOW_TRACKING_URI's, or mlflow.db)"
            | Json -> "print events as lines of JSON"

/// The options of `gan sweep`.
type SweepArguments =
    | [<MainCommand>] Sweep of path: string
    | [<AltCommandLine("-s")>] Set of assignment: string
    | [<AltCommandLine("-w")>] Workers of count: int
    | Slurm
    | Sbatch of option: string
    | Retry
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Sweep _ -> "the sweep, a YAML file; started again, it goes on where it was"
            | Set _ -> "set a value of the sweep, as in --set run_cap=50"
            | Workers _ -> "how many runs at a time, each in a process of its own (1; with --slurm 1000)"
            | Slurm -> "run them as jobs of the Slurm cluster that this machine submits to"
            | Sbatch _ -> "with --slurm, an option of sbatch, as in --sbatch time=60 --sbatch gres=gpu:1"
            | Retry -> "run again what failed"
            | Json -> "print events as lines of JSON"

/// The options of `gan compare`.
type CompareArguments =
    | [<MainCommand>] Targets of name: string
    | [<AltCommandLine("-m")>] Metric of name: string
    | Maximize
    | Minimize
    | Format of format: string
    | [<AltCommandLine("-o")>] Output of file: string
    | Report of file: string
    | Store of store: string
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Targets _ -> "runs, sweeps and experiments, by name or id"
            | Metric _ -> "what to rank by, as evaluation/modes; others beside it (a sweep's own metric)"
            | Maximize -> "the more of the first metric the better"
            | Minimize -> "the less of it the better (else its name tells)"
            | Format _ -> "of the table: text, csv, markdown or latex"
            | Output _ -> "the file for the table (the terminal)"
            | Report _ -> "also write an HTML page with curves, parameters and samples"
            | Store _ -> "the tracking store (MLFLOW_TRACKING_URI's, or mlflow.db)"
            | Json -> "print JSON"

/// The options of `gan report`.
type ReportArguments =
    | [<MainCommand>] Run of run: string
    | [<AltCommandLine("-o")>] Output of file: string
    | Store of store: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Run _ -> "a run, a sweep or an experiment"
            | Output _ -> "the page's file (report.html)"
            | Store _ -> "the tracking store (MLFLOW_TRACKING_URI's, or mlflow.db)"

/// The options of `gan sample` and `gan export`.
type OutputArguments =
    | [<MainCommand>] Run of run: string
    | [<AltCommandLine("-o")>] Output of file: string
    | Count of points: int
    | Seed of seed: int64
    | Best
    | Raw
    | Player of name: string
    | Store of store: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Run _ -> "the run: its id, the beginning of its id, or its name"
            | Output _ -> "the file to write: .png for a picture, .safetensors for the tensors"
            | Count _ -> "how many points to draw (64)"
            | Seed _ -> "the seed of the latents (1)"
            | Best -> "take the best checkpoint, not the last"
            | Raw -> "take the generator itself, not its average"
            | Player _ -> "the generator, where a game has several (first_to_second); the first where none is named"
            | Store _ -> "the tracking store (MLFLOW_TRACKING_URI's, or mlflow.db)"

/// The options of `gan runs show`.
type ShowArguments =
    | [<MainCommand>] Run of run: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Run _ -> "the run: its id, the beginning of its id, or its name"

/// The options of `gan runs rm`.
type RemoveArguments =
    | [<MainCommand>] Runs of run: string
    | Forever

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Runs _ -> "the runs"
            | Forever -> "delete their rows and files, too; nothing brings them back"

/// The options of `gan runs restore`.
type RestoreArguments =
    | [<MainCommand>] Runs of run: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Runs _ -> "the runs that were removed"

/// The options of `gan runs export`.
type ExportArguments =
    | [<MainCommand>] Runs of run: string
    | [<AltCommandLine("-o")>] Output of file: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Runs _ -> "the runs"
            | Output _ -> "runs.zip: their folders, for gan sync on another machine; .csv: all their metrics"

/// The options of `gan runs`.
type RunsArguments =
    | [<CliPrefix(CliPrefix.None)>] Show of ParseResults<ShowArguments>
    | [<CliPrefix(CliPrefix.None)>] Rm of ParseResults<RemoveArguments>
    | [<CliPrefix(CliPrefix.None)>] Restore of ParseResults<RestoreArguments>
    | [<CliPrefix(CliPrefix.None)>] Export of ParseResults<ExportArguments>
    | Experiment of name: string
    | [<AltCommandLine("-f")>] Filter of conditions: string
    | Order of key: string
    | Columns of keys: string list
    | Limit of count: int
    | Deleted
    | [<Inherit>] Store of store: string
    | [<Inherit>] Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Show _ -> "show one run: parameters, tags, latest metrics"
            | Rm _ -> "remove runs from the list; restore brings them back"
            | Restore _ -> "bring removed runs back"
            | Export _ -> "write runs to a file"
            | Experiment _ -> "only the runs of this experiment"
            | Filter _ -> "only runs that meet: \"metrics.evaluation/modes >= 7 and params.loss.kind = 'hinge'\""
            | Order _ -> "by a value, as \"metrics.evaluation/modes DESC\" (the latest first)"
            | Columns _ -> "values to show, as metrics.evaluation/modes params.loss.kind"
            | Limit _ -> "how many to show (20)"
            | Deleted -> "those that were removed"
            | Store _ -> "the tracking store (MLFLOW_TRACKING_URI's, or mlflow.db)"
            | Json -> "print JSON"

/// The options of `gan diff`.
type DiffArguments =
    | [<MainCommand>] Pair of runs: string
    | [<AltCommandLine("-s")>] Set of assignment: string
    | Steps of count: int64
    | Store of store: string
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Pair _ -> "two runs or specs: ids, names or YAML files"
            | Set _ -> "set a value of the second's spec, as in --set loss=hinge"
            | Steps _ -> "how many steps to play (those of the shorter one)"
            | Store _ -> "the tracking store (MLFLOW_TRACKING_URI's, or mlflow.db)"
            | Json -> "print JSON"

/// The options of `gan check`.
type CheckArguments =
    | [<MainCommand>] Spec of path: string
    | [<AltCommandLine("-s")>] Set of assignment: string
    | [<Mandatory>] Baseline of file: string
    | Record
    | Bits
    | Bands
    | Steps of count: int
    | Seeds of count: int
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Spec _ -> "the experiment, a YAML file"
            | Set _ -> "set a value of the spec, as in --set loss=hinge"
            | Baseline _ -> "the file of the baseline"
            | Record -> "write the baseline instead of checking it"
            | Bits -> "every state has the same bits: on the same machine (the default)"
            | Bands -> "every number is where runs of other seeds had it: on any machine"
            | Steps _ -> "with --record, how many steps (100)"
            | Seeds _ -> "with --record, how many seeds the bands are over (8)"
            | Json -> "print JSON"

/// The options of `gan spectrum`.
type SpectrumArguments =
    | [<MainCommand>] Of of run: string
    | [<AltCommandLine("-s")>] Set of assignment: string
    | Steps of count: int64
    | Count of eigenvalues: int
    | Dimensions of products: int
    | Points of count: int
    | Gap of updates: int
    | Proximal of lambda: float
    | Keep
    | Store of store: string
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Of _ -> "a run, at its last checkpoint, or a spec"
            | Set _ -> "set a value of the spec, as in --set loss=hinge"
            | Steps _ -> "of a spec, how many steps to train before looking (0)"
            | Count _ -> "how many eigenvalues of each kind to show (6)"
            | Dimensions _ ->
                "how many Jacobian-vector products to find them by (60); as many as weights for all, exactly"
            | Points _ -> "the points of a batch that gradients are taken on (512)"
            | Gap _ -> "also find the duality gap, by so many updates of each worst opponent"
            | Keep -> "of a run: keep it among the run's artifacts, for its report"
            | Proximal _ -> "with --gap, the lambda of the proximal duality gap"
            | Store _ -> "the tracking store (MLFLOW_TRACKING_URI's, or mlflow.db)"
            | Json -> "print JSON"

/// The options of `gan sync`.
type SyncArguments =
    | [<MainCommand>] Folder of folder: string
    | Server of address: string
    | Store of store: string
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Folder _ -> "folders with runs that the store may not know, from another machine perhaps"
            | Server _ -> "an MLflow server to tell as well (MLFLOW_TRACKING_URI's, and those that runs name)"
            | Store _ -> "the tracking store (MLFLOW_TRACKING_URI's, or mlflow.db)"
            | Json -> "print JSON"

/// The options of `gan list`.
type ListArguments =
    | [<MainCommand>] What of kind: string
    | [<AltCommandLine("-e")>] Extension of file: string
    | Refused
    | Markdown
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | What _ ->
                "systems, losses, comparisons, kernels, penalties, generator_penalties, augmentations, optimizers, schedules, rules, latents, layers, generators, discriminators, datasets, metrics or detectors"
            | Extension _ -> "list with what an extension adds: an F# script or an assembly"
            | Refused -> "list what is refused on the ring, and why"
            | Markdown -> "print tables of Markdown, as docs/losses.md has them"
            | Json -> "print JSON"

/// The options of `gan laws`.
type LawsArguments =
    | [<MainCommand>] Files of file: string
    | Json

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Files _ -> "the extension: an F# script or an assembly"
            | Json -> "print JSON"

/// The commands of `gan`.
type GanArguments =
    | [<CliPrefix(CliPrefix.None)>] Train of ParseResults<TrainArguments>
    | [<CliPrefix(CliPrefix.None)>] Sweep of ParseResults<SweepArguments>
    | [<CliPrefix(CliPrefix.None)>] Sample of ParseResults<OutputArguments>
    | [<CliPrefix(CliPrefix.None)>] Export of ParseResults<OutputArguments>
    | [<CliPrefix(CliPrefix.None)>] Runs of ParseResults<RunsArguments>
    | [<CliPrefix(CliPrefix.None)>] Compare of ParseResults<CompareArguments>
    | [<CliPrefix(CliPrefix.None)>] Report of ParseResults<ReportArguments>
    | [<CliPrefix(CliPrefix.None)>] Sync of ParseResults<SyncArguments>
    | [<CliPrefix(CliPrefix.None)>] Spectrum of ParseResults<SpectrumArguments>
    | [<CliPrefix(CliPrefix.None)>] Diff of ParseResults<DiffArguments>
    | [<CliPrefix(CliPrefix.None)>] Check of ParseResults<CheckArguments>
    | [<CliPrefix(CliPrefix.None)>] List of ParseResults<ListArguments>
    | [<CliPrefix(CliPrefix.None)>] Laws of ParseResults<LawsArguments>
    | [<SubCommand; CliPrefix(CliPrefix.None)>] Doctor
    | Version

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Train _ -> "run an experiment, or go on with one"
            | Sweep _ -> "run an experiment many times, varied, and rank what came of it"
            | Sample _ -> "draw points from a trained generator"
            | Export _ -> "write a trained generator for PyTorch"
            | Runs _ -> "list, show, remove, restore or export runs"
            | Compare _ -> "put runs, sweeps and experiments side by side: a table, a page"
            | Report _ -> "write a run as an HTML page"
            | Sync _ -> "bring store and server up to what runs have written in their journals"
            | Spectrum _ -> "show how a game moves near a state: eigenvalues, rotation, path angle, duality gap"
            | Diff _ -> "find the first step at which two runs differ, and in what"
            | Check _ -> "hold a run's dynamics against a recorded baseline"
            | List _ -> "list what specs may name"
            | Laws _ -> "check the laws of each kind on what an extension adds"
            | Doctor -> "say what this machine has and lacks"
            | Version -> "print the version"

module Arguments =
    /// Argu hands over misspelt options as values.
    let private refuseOptions (results: ParseResults<'a>) (values: string list) =
        match values |> List.tryFind _.StartsWith("-") with
        | Some option -> results.Raise $"there is no option '{option}'"
        | None -> ()

    /// The one value that a command takes without an option's name.
    let single (results: ParseResults<'a>) (values: string list) =
        refuseOptions results values

        match values with
        | [] -> None
        | [ value ] -> Some value
        | values ->
            let all = System.String.Join(" ", values)
            results.Raise $"one value is expected; got {values.Length}: {all}"

    /// The same where there must be one; the request is for who gave none.
    let required (results: ParseResults<'a>) (request: string) values =
        single results values |> Option.defaultWith (fun () -> results.Raise request)

    /// The values that a command takes without an option's name, one or more.
    let several (results: ParseResults<'a>) (request: string) (values: string list) =
        refuseOptions results values

        if values.IsEmpty then
            results.Raise request

        values

    /// A whole number above zero of an option, or wrong usage.
    let positive (results: ParseResults<'a>) option (value: int) =
        if value > 0 then
            value
        else
            results.Raise $"--{option} must be at least 1; got {value}"
