using System.Diagnostics;

namespace Gan.Experiments;

/// <summary>
/// Works on trials as jobs of a Slurm cluster, whose nodes see the same folders as this machine. What is taken on together
/// is one array, its indices the trials' numbers. A job that is preempted, or whose node fails, is queued again by Slurm and
/// goes on from its last checkpoint; one that comes to its time limit saves its state first, and is submitted again.
/// </summary>
public sealed class SlurmHost : ITrialHost
{
    const int MostIndices = 1000;
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // States in which Slurm has, or may have again, work to do.
    static readonly string[] Alive =
    [
        "PENDING",
        "RUNNING",
        "CONFIGURING",
        "COMPLETING",
        "REQUEUED",
        "REQUEUE_HOLD",
        "REQUEUE_FED",
        "RESIZING",
        "SIGNALING",
        "STAGE_OUT",
        "STOPPED",
        "SUSPENDED",
        "SPECIAL_EXIT",
    ];

    readonly IReadOnlyList<string> command;
    readonly IReadOnlyList<string> options;
    readonly List<SlurmTrial> waiting = [];
    readonly Dictionary<string, HashSet<string>> before = [];
    readonly Lock gate = new();
    readonly Timer timer;
    readonly List<SlurmTrial> submitted = [];

    /// <summary>A host that submits to the cluster whose sbatch is on the PATH.</summary>
    /// <param name="command">The command line's program and first arguments, as dotnet and gan.dll.</param>
    /// <param name="options">Options of sbatch, without their dashes, as time=60 or gres=gpu:1.</param>
    /// <exception cref="UserException">There is no Slurm here, or its controller does not answer.</exception>
    public SlurmHost(IReadOnlyList<string> command, IReadOnlyList<string> options)
    {
        (this.command, this.options) = (command, options);
        Run("squeue", ["--noheader", "--me"]);
        timer = new Timer(_ => LookAgain(), null, Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>True where a trial was submitted before, by another process perhaps, and is not over.</summary>
    public bool Has(SweepTrial trial, string ticket) => Queued(trial, ticket) is not null;

    /// <inheritdoc/>
    public RunningTrial Start(SweepTrial trial, RunFolder folder, string ticket, Action changed)
    {
        var taken = new SlurmTrial(this, trial, folder, ticket, changed);
        if (Queued(trial, ticket) is { } job)
            Follow(taken, job);
        else
            waiting.Add(taken);
        return taken;
    }

    // The job of a trial that is in the queue already, from before a sweep was killed. Asked once per array: what is in
    // the queue later, this host put there and follows.
    string? Queued(SweepTrial trial, string ticket)
    {
        var name = JobName(ticket, From(trial));
        lock (gate)
        {
            if (!before.TryGetValue(name, out var jobs))
                before[name] = jobs = AliveJobs(States($"--name={name}"));
            return jobs.FirstOrDefault(job => job.EndsWith($"_{trial.Index % MostIndices}", StringComparison.Ordinal));
        }
    }

    void Follow(SlurmTrial trial, string job)
    {
        lock (gate)
        {
            trial.Job = job;
            submitted.Add(trial);
        }
    }

    static int From(SweepTrial trial) => trial.Index - trial.Index % MostIndices;

    // Of the sweep, whose folder has the tickets.
    static string JobName(string ticket, int from) =>
        $"gan-{Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(ticket)!))![..8]}-{from}";

    // The states of all jobs that the controller still knows of.
    static Dictionary<string, string> States(params string[] which) =>
        Run("squeue", ["--noheader", "--array", "--me", "--states=all", "--format=%i|%T", .. which])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('|'))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0].Trim(), parts => parts[1].Trim());

    static HashSet<string> AliveJobs(Dictionary<string, string> states) =>
        [.. states.Where(job => Alive.Contains(job.Value)).Select(job => job.Key)];

    /// <inheritdoc/>
    public void Flush()
    {
        foreach (var group in waiting.GroupBy(trial => From(trial.Trial)).ToArray())
            Submit([.. group]);
        waiting.Clear();
    }

    // Indices of an array are below 1,001 unless a cluster allows more; what is above is counted from the thousand.
    void Submit(SlurmTrial[] trials)
    {
        var tickets = Path.GetDirectoryName(trials[0].Ticket)!;
        var from = From(trials[0].Trial);
        var name = JobName(trials[0].Ticket, from);
        var logs = Directory.CreateDirectory(Path.Combine(tickets, "logs")).FullName;
        var script = Path.Combine(tickets, $"array-{from}.sh");
        var line = string.Join(' ', command.Select(Quoted));
        AtomicFile.WriteText(
            script,
            $"#!/bin/sh\nunset MLFLOW_RUN_ID\nexec {line} train --json --ticket {Quoted(tickets)}/$((SLURM_ARRAY_TASK_ID + {from})).json\n"
        );
        string[] arguments =
        [
            "--parsable",
            "--requeue",
            "--open-mode=append",
            "--signal=B:TERM@60",
            $"--job-name={name}",
            $"--output={Path.Combine(logs, $"{from}-%a.log")}",
            $"--chdir={Environment.CurrentDirectory}",
            $"--array={string.Join(',', trials.Select(trial => trial.Trial.Index % MostIndices))}",
            .. options.Select(option => $"--{option.TrimStart('-')}"),
            script,
        ];
        // A controller that is slow to answer may have taken the array all the same; it is looked for before it is sent
        // again.
        var known = AllIds(name);
        var id = Run("sbatch", arguments, () => AllIds(name).Except(known).FirstOrDefault()).Trim().Split(';')[0];
        foreach (var trial in trials)
            Follow(trial, $"{id}_{trial.Trial.Index % MostIndices}");
    }

    static HashSet<string> AllIds(string name) => [.. States($"--name={name}").Keys.Select(job => job.Split('_')[0])];

    // One look at a time, however long the controller takes.
    void LookAgain()
    {
        try
        {
            lock (gate)
                if (submitted.Count > 0)
                    Look(States());
        }
        catch (Exception failure) when (failure is UserException or IOException or UnauthorizedAccessException)
        {
            // A controller that does not answer now does so later; until then nothing is known to have ended. And a log
            // that cannot be read now is read at the next look.
        }
        timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    // Jobs vanish from the queue some minutes after their end, so that one which is not there is over.
    void Look(Dictionary<string, string> states)
    {
        var there = AliveJobs(states);
        foreach (var trial in submitted.ToArray())
        {
            if (!there.Contains(trial.Job))
            {
                trial.End(states.GetValueOrDefault(trial.Job) == "CANCELLED");
                foreach (var jobs in before.Values)
                    jobs.Remove(trial.Job);
                submitted.Remove(trial);
            }
            trial.Look();
        }
    }

    static string Quoted(string text) => $"'{text.Replace("'", "'\\''")}'";

    // A busy controller times out; it is asked again before that is a failure.
    static string Run(string program, IReadOnlyList<string> arguments, Func<string?>? done = null)
    {
        for (var attempt = 0; ; attempt++)
            try
            {
                return RunOnce(program, arguments);
            }
            catch (UserException failure)
                when (attempt < 2 && failure.Message.Contains("timed out", StringComparison.OrdinalIgnoreCase))
            {
                Thread.Sleep(TimeSpan.FromSeconds(2));
                if (done?.Invoke() is { } taken)
                    return taken;
            }
    }

    static string RunOnce(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
            )!;
            var error = process.StandardError.ReadToEndAsync();
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? said
                : throw new UserException($"Slurm's {program} says: {error.Result.Trim().ReplaceLineEndings(" ")}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new UserException(
                $"There is no '{program}' on the PATH; run this where Slurm's commands are, or leave --slurm away."
            );
        }
    }

    sealed class SlurmTrial(SlurmHost host, SweepTrial trial, RunFolder folder, string ticket, Action changed)
        : RunningTrial(trial, folder, changed)
    {
        TrialExit? exit;

        public string Ticket => ticket;

        public string Job { get; set; } = "";

        // Not before the look that found its end has told it: who sees the exit may take down what is told.
        public override TrialExit? Exit
        {
            get
            {
                lock (host.gate)
                    return exit;
            }
        }

        // What became of it is in its journal; a job that left none was killed, for all that is known.
        public void End(bool canceled) => exit = new TrialExit(137, LastLine(), canceled);

        public override void Stop()
        {
            if (Job.Length == 0)
            {
                host.waiting.Remove(this);
                exit = new TrialExit(130, "");
                return;
            }
            try
            {
                Run("scancel", [Job]);
            }
            catch (UserException)
            {
                // It has ended, or the controller does not answer; what it does is in its journal.
            }
        }

        string LastLine()
        {
            var logs = Path.Combine(Path.GetDirectoryName(ticket)!, "logs");
            var log = Path.Combine(logs, $"{From(Trial)}-{Trial.Index % MostIndices}.log");
            return
                File.Exists(log)
                && File.ReadLines(log).LastOrDefault(line => line.StartsWith("gan: ", StringComparison.Ordinal))
                    is { } line
                ? line["gan: ".Length..]
                : "";
        }
    }
}
