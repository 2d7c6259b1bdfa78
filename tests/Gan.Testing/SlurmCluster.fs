/// A Slurm of two nodes on this machine, for as long as a test takes: no root, no munge, nothing but this machine's own
/// address.
namespace Gan.Testing

open System
open System.Diagnostics
open System.IO
open System.Threading

type SlurmCluster(programs: string) =
    let folder = Places.newFolder ()
    let library = Path.Combine(programs, "usr/lib/x86_64-linux-gnu")
    let host = Environment.MachineName.Split('.')[0]
    let conf = Path.Combine(folder, "slurm.conf")
    let port = 20_000 + Random.Shared.Next 10_000

    let text =
        let nodes =
            [
                for n in 1..2 ->
                    $"NodeName=n{n} NodeHostname={host} NodeAddr=127.0.0.1 Port={port + n} CPUs=1 Boards=1 SocketsPerBoard=1 CoresPerSocket=1 ThreadsPerCore=1 RealMemory=4000 State=UNKNOWN"
            ]
            |> String.concat "\n"

        $"""ClusterName=gan
SlurmctldHost={host}(127.0.0.1)
SlurmUser={Environment.UserName}
SlurmdUser={Environment.UserName}
AuthType=auth/none
AuthInfo=cred_expire=5
CredType=cred/none
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort={port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%%n.log
PluginDir={library}/slurm-wlm
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,batch_sched_delay=0
ReturnToService=2
SlurmdParameters=config_overrides
SlurmdTimeout=10
KillWait=5
{nodes}
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=2
"""

    let path = Environment.GetEnvironmentVariable "PATH"

    let environment =
        [
            "SLURM_CONF", conf
            "LD_LIBRARY_PATH", $"{library}:{library}/slurm-wlm"
            "PATH", $"{programs}/usr/bin:{programs}/usr/sbin:{path}"
        ]

    let run program (arguments: string list) =
        let info =
            ProcessStartInfo(program, RedirectStandardOutput = true, RedirectStandardError = true)

        for name, value in environment do
            info.Environment[name] <- value

        arguments |> List.iter info.ArgumentList.Add
        use running = nonNull (Process.Start info)
        let error = running.StandardError.ReadToEndAsync()
        let said = running.StandardOutput.ReadToEnd()
        running.WaitForExit()

        if running.ExitCode <> 0 then
            failwith $"{program}: {error.Result}"

        said

    let program (name: string) =
        Path.Combine(programs, "usr", (if name.EndsWith "-wlm" then "sbin" else "bin"), name)

    do
        Directory.CreateDirectory(Path.Combine(folder, "state")) |> ignore
        File.WriteAllText(conf, text)
        run (program "slurmctld-wlm") [ "-c"; "-f"; conf ] |> ignore

        for node in [ "n1"; "n2" ] do
            Directory.CreateDirectory(Path.Combine(folder, $"spool.{node}")) |> ignore

            run (program "slurmd-wlm") [ "-f"; conf; "-N"; node; "-d"; program "slurmstepd-wlm" ]
            |> ignore

        let rec awaitNodes left =
            let idle =
                try
                    run (program "sinfo") [ "-h"; "-N"; "-o"; "%T" ]
                with _ ->
                    ""

            if idle.Trim().Split('\n') |> Array.forall (fun state -> state = "idle") |> not then
                if left = 0 then
                    failwith $"the cluster does not come up: {idle}"

                Thread.Sleep 200
                awaitNodes (left - 1)

        awaitNodes 100

    /// The folder that build.fsx unpacks Slurm's packages into; None where it could not.
    static member Programs =
        let unpacked = Path.Combine(Places.root, "out", "slurm")

        if File.Exists(Path.Combine(unpacked, "usr/sbin/slurmctld-wlm")) then
            Some unpacked
        else
            None

    /// What makes the cluster's commands work.
    member _.Environment = environment

    /// Runs one of the cluster's commands.
    member _.Control arguments = run (program "scontrol") arguments

    /// Submits a job of two seconds that wants both nodes and preempts what runs on them.
    member _.Preempt() =
        run
            (program "sbatch")
            [
                "--partition=urgent"
                "--nodes=2"
                "--exclusive"
                "--output=/dev/null"
                "--job-name=urgent"
                "--wrap=sleep 2"
            ]
        |> ignore

    /// Kills a node's daemon: the cluster takes the node for dead, and what runs there goes on.
    member _.Lose(node: string) =
        let id = int (File.ReadAllText(Path.Combine(folder, $"slurmd.{node}.pid")))
        use daemon = Process.GetProcessById id
        daemon.Kill()

    interface IDisposable with
        member _.Dispose() =
            try
                run (program "scontrol") [ "shutdown" ] |> ignore
            with _ ->
                ()
