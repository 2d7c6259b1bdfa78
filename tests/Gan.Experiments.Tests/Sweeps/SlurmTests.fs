/// Sweeps and runs as jobs of a real Slurm.
module Gan.Experiments.Tests.SlurmTests

open System
open System.IO
open System.Threading
open Expecto
open Gan.Experiments
open Gan.Testing
open Gan.Experiments.Tests.SweepTests

let private cluster () =
    match SlurmCluster.Programs with
    | Some programs -> new SlurmCluster(programs)
    | None -> skiptest "no Slurm: build.fsx test unpacks Debian's packages where apt-get has them"

let private small = searchOf 4

let private submit = [ "sweep"; "sweep.yaml"; "--slurm"; "--json" ]

let private lastHash (run: FoundRun) =
    (nonNull (CheckpointStore(run.Folder.Checkpoints, 1).FindLatest())).StateHash

let rec private wait what (holds: unit -> bool) left =
    if not (holds ()) then
        if left = 0 then
            failwith $"it takes too long: {what}"

        Thread.Sleep 100
        wait what holds (left - 1)

let private job (cluster: SlurmCluster) (id: int) (words: string list) () =
    cluster.Control([ "show"; "jobs"; "-o" ]).Split('\n')
    |> Array.exists (fun line -> line.StartsWith $"JobId={id} " && words |> List.forall line.Contains)

let private saved folder () =
    Directory.GetFiles(folder, "step-*.safetensors", SearchOption.AllDirectories).Length > 0

let private follow (cluster: SlurmCluster) folder arguments =
    let follower =
        Cli.start folder cluster.Environment ([ "train"; "--slurm" ] @ arguments)

    follower.BeginOutputReadLine()
    follower.BeginErrorReadLine()
    follower

/// The status of a folder's only run, and the hash of its last state.
let private ending folder =
    use store = RunStores.Open(Path.Combine(folder, "mlflow.db"))
    let run = Seq.exactlyOne (store.Search RunQuery.All)
    run.Status, lastHash run

let tests =
    testList
        "Slurm"
        [
            testCase "a sweep of a cluster's jobs is the sweep of local processes"
            <| fun () ->
                use cluster = cluster ()
                let folder = folderWith small

                let finished =
                    Cli.runWith folder cluster.Environment (submit @ [ "--sbatch"; "time=10" ])

                Expect.equal (0, "") (finished.Code, finished.Error)
                Expect.equal (firstOf 4) (results folder)

            Suite.full
                [
                    testCase "requeued jobs, and a follower that was killed, make the same runs once"
                    <| fun () ->
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
                ]

            Suite.full
                [
                    testCase "a run is submitted, followed, and in the store"
                    <| fun () ->
                        use cluster = cluster ()
                        let folder = folderWith small

                        let finished =
                            Cli.runWith folder cluster.Environment [ "train"; "base.yaml"; "--slurm"; "--json" ]

                        Expect.equal (0, "") (finished.Code, finished.Error)
                        Expect.equal "finished" (string (finished.Last.GetProperty("ending").GetString()))
                        Expect.contains "FINISHED" (Cli.runOk folder [ "runs" ]).Out
                        // A name says which run it is, in the queue's jobs as in local processes.
                        let more = [ "--set"; "steps=350" ]
                        let start = [ "base.yaml"; "--set"; "name=second"; "--pretrained"; "base" ]

                        let submitted arguments =
                            let finished =
                                Cli.runWith folder cluster.Environment ([ "train"; "--slurm"; "--json" ] @ arguments)

                            Expect.equal (0, "") (finished.Code, finished.Error)

                        submitted ([ "--resume"; "base" ] @ more)
                        submitted start
                        let local = folderWith small

                        for arguments in [ [ "base.yaml" ]; [ "--resume"; "base" ] @ more; start ] do
                            Cli.runOk local ([ "train" ] @ arguments) |> ignore

                        let hashes folder =
                            use store = RunStores.Open(Path.Combine(folder, "mlflow.db"))

                            Map [ for run in store.Search RunQuery.All -> run.Name, lastHash run ]

                        Expect.equal (hashes local) (hashes folder)

                        let resume more =
                            [ "train"; "--slurm"; "--resume"; "base" ] @ more

                        let other = Cli.runWith folder cluster.Environment (resume [ "--set"; "name=x" ])

                        Expect.contains "A run keeps its name" other.Error
                        // From anywhere, the run is where it is.
                        let elsewhere = Places.newFolder ()
                        let store = [ "--store"; Path.Combine(folder, "mlflow.db") ]

                        let there =
                            Cli.runWith elsewhere cluster.Environment (resume (store @ [ "--set"; "steps=400" ]))

                        Expect.equal (0, "") (there.Code, there.Error)
                        Cli.runOk local [ "train"; "--resume"; "base"; "--set"; "steps=400" ] |> ignore
                        Expect.equal (hashes local) (hashes folder)
                        Expect.equal 0 (Directory.GetFileSystemEntries elsewhere).Length
                        // What is in the queue is followed as it is, or not at all.
                        use held =
                            Cli.start folder cluster.Environment (resume [ "--set"; "steps=450"; "--sbatch"; "hold" ])

                        held.StandardOutput.ReadLine() |> ignore
                        wait "a job that is held" (job cluster 5 [ "JobState=PENDING" ]) 100
                        held.Kill()

                        let changed =
                            Cli.runWith folder cluster.Environment (resume [ "--set"; "steps=500" ])

                        Expect.contains "is in the queue, without these values" changed.Error
                        cluster.Control [ "release"; "5" ] |> ignore
                        Expect.equal 0 (Cli.runWith folder cluster.Environment (resume [])).Code
                        Cli.runOk local [ "train"; "--resume"; "base"; "--set"; "steps=450" ] |> ignore
                        Expect.equal (hashes local) (hashes folder)

                        let wrong =
                            Cli.runWith
                                folder
                                cluster.Environment
                                [ "train"; "base.yaml"; "--slurm"; "--sbatch"; "partition=none" ]

                        let wrongly = [ "--sbatch"; "partition=none" ]

                        for wrong in [ wrong; Cli.runWith folder cluster.Environment (submit @ wrongly) ] do
                            Expect.equal 1 wrong.Code
                            Expect.contains "Slurm's sbatch says" wrong.Error
                ]

            testCase "without Slurm the command says so"
            <| fun () ->
                let folder = folderWith small
                let finished = Cli.run folder [ "sweep"; "sweep.yaml"; "--slurm" ]
                Expect.equal 1 finished.Code
                Expect.contains "There is no 'squeue' on the PATH" finished.Error

            Suite.full
                [
                    testCase "a run that comes to its time limit, and is preempted then, ends as without"
                    <| fun () ->
                        use cluster = cluster ()
                        let folder, local = folderWith small, folderWith small
                        let long = [ "base.yaml"; "--json"; "--threads"; "1"; "--set"; "steps=80000" ]

                        let undisturbed =
                            (Cli.runOk local ("train" :: long)).Last.GetProperty("state_hash").GetString()

                        use follower = follow cluster folder (long @ [ "--sbatch"; "time=10" ])
                        wait "a checkpoint" (saved folder) 600
                        // Slurm asks a job to end a minute before its limit, which is now.
                        cluster.Control [ "update"; "JobId=1_0"; "TimeLimit=1" ] |> ignore
                        wait "a second job" (job cluster 2 [ "JobState=RUNNING" ]) 900
                        cluster.Preempt()
                        wait "a preemption" (job cluster 2 [ "Restarts=1" ]) 600
                        follower.WaitForExit()
                        Expect.equal 0 follower.ExitCode
                        Expect.equal ("FINISHED", undisturbed) (ending folder)

                    testCase "a run whose node is taken for dead goes on elsewhere, and its first copy leaves it"
                    <| fun () ->
                        use cluster = cluster ()
                        let folder, local = folderWith small, folderWith small
                        let long = [ "base.yaml"; "--json"; "--threads"; "1"; "--set"; "steps=400000" ]
                        use undisturbed = Cli.start local [] ("train" :: long)
                        undisturbed.BeginOutputReadLine()
                        use follower = follow cluster folder (long @ [ "--sbatch"; "time=60" ])
                        wait "a checkpoint" (saved folder) 600
                        let running = cluster.Control [ "show"; "jobs"; "-o" ]
                        cluster.Lose(if running.Contains " NodeList=n1 " then "n1" else "n2")
                        wait "a second copy" (job cluster 1 [ "JobState=RUNNING"; "Restarts=1" ]) 900
                        follower.WaitForExit()
                        undisturbed.WaitForExit()
                        Expect.equal 0 follower.ExitCode
                        Expect.equal (ending local) (ending folder)

                        let log =
                            Directory.GetFiles(folder, "0-0.log", SearchOption.AllDirectories)
                            |> Array.exactlyOne

                        Expect.contains "The run was taken over by process" (File.ReadAllText log)
                ]
        ]
