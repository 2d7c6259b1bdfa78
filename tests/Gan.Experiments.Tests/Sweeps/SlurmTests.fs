/// Sweeps and runs as jobs of a real Slurm.
module Gan.Experiments.Tests.SlurmTests

open System
open System.IO
open System.Threading
open NUnit.Framework
open Gan.Testing
open Gan.Experiments.Tests.SweepTests

let private cluster () =
    match SlurmCluster.Programs with
    | Some programs -> new SlurmCluster(programs)
    | None ->
        Assert.Ignore "no Slurm: build.fsx test unpacks Debian's packages where apt-get has them"
        failwith "unreachable"

let private small = searchOf 4

let private submit = [ "sweep"; "sweep.yaml"; "--slurm"; "--json" ]

[<Test>]
let ``a sweep of a cluster's jobs is the sweep of local processes`` () =
    use cluster = cluster ()
    let folder = folderWith small

    let finished =
        Cli.runWith folder cluster.Environment (submit @ [ "--sbatch"; "time=10" ])

    Expect.equal (0, "") (finished.Code, finished.Error)
    Expect.equal (firstOf 4) (results folder)

[<Test>]
let ``requeued jobs, and a follower that was killed, make the same runs once`` () =
    use cluster = cluster ()
    let folder = folderWith small
    use follower = Cli.start folder cluster.Environment submit
    follower.BeginOutputReadLine()
    follower.BeginErrorReadLine()
    // Preempted once it runs, as far as Slurm is concerned.
    let rec requeue left =
        try
            cluster.Control [ "requeue"; "1_0" ] |> ignore
        with _ when left > 0 ->
            Thread.Sleep 300
            requeue (left - 1)

    Thread.Sleep 2500
    requeue 20
    follower.Kill()
    follower.WaitForExit()
    let finished = Cli.runWith folder cluster.Environment submit
    Expect.equal 0 finished.Code
    Expect.equal (firstOf 4) (results folder)
    // What was in the queue was followed, not submitted again.
    Expect.lacks "JobId=6" (cluster.Control [ "show"; "jobs"; "-o" ])

[<Test>]
let ``a run is submitted, followed, and in the store`` () =
    use cluster = cluster ()
    let folder = folderWith small

    let finished =
        Cli.runWith folder cluster.Environment [ "train"; "base.yaml"; "--slurm"; "--json" ]

    Expect.equal (0, "") (finished.Code, finished.Error)
    Expect.equal "finished" (string (finished.Last.GetProperty("ending").GetString()))
    Expect.contains "FINISHED" (Cli.runOk folder [ "runs" ]).Out

    let wrong =
        Cli.runWith folder cluster.Environment [ "train"; "base.yaml"; "--slurm"; "--sbatch"; "partition=none" ]

    Expect.equal 1 wrong.Code
    Expect.contains "Slurm's sbatch says" wrong.Error

[<Test>]
let ``without Slurm the command says so`` () =
    let folder = folderWith small
    let finished = Cli.run folder [ "sweep"; "sweep.yaml"; "--slurm" ]
    Expect.equal 1 finished.Code
    Expect.contains "There is no 'squeue' on the PATH" finished.Error
