using System.Diagnostics;

namespace Gan.Experiments;

/// <summary>
/// A thread that carries a run's journal into one target every second. A target that fails is tried again, and what it
/// does not take stays in the journal: nothing that ails it may end the training, or hold it up.
/// </summary>
internal sealed class DrainThread
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan PatienceWithTheDead = TimeSpan.FromSeconds(2);

    readonly ITrackingTarget target;
    readonly RunFolder run;
    readonly RunClaim claim;
    readonly JournalDrain drain;
    readonly ManualResetEventSlim ending = new();
    readonly CancellationTokenSource training = new();
    readonly CancellationTokenSource last = new();
    readonly Thread thread;

    /// <summary>A thread that does not run yet.</summary>
    /// <param name="target">The target, which it disposes of at its end.</param>
    /// <param name="run">The run.</param>
    /// <param name="claim">The claim to it: what another process writes, that one carries.</param>
    public DrainThread(ITrackingTarget target, RunFolder run, RunClaim claim)
    {
        (this.target, this.run, this.claim) = (target, run, claim);
        drain = new JournalDrain(target, run);
        thread = new Thread(Run) { IsBackground = true, Name = $"journal {target.Key}" };
    }

    /// <summary>Why the target last failed, or null.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What the target would not take though it took the rest, or null.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Carries what is there on the caller's thread; a failure is the caller's.</summary>
    public void CarryNow() => drain.Carry(ended: false, CancellationToken.None);

    /// <summary>Starts the thread.</summary>
    public void Start() => thread.Start();

    /// <summary>
    /// Waits until the target has all, as long as it takes something every ten seconds, and ends the thread. A server that
    /// has never answered is asked once more.
    /// </summary>
    /// <param name="waiting">Is told every second of the bytes of the journal that are left.</param>
    public void Stop(Action<long> waiting)
    {
        ending.Set();
        if (thread.IsAlive)
        {
            // A pass that waits for a server to come back is cut short, for one last attempt.
            if (!thread.Join(Interval))
                training.Cancel();
            var patience = Stopwatch.StartNew();
            var seen = Seen();
            while (!thread.Join(Interval))
            {
                waiting(drain.Behind);
                if (Seen() != seen)
                    patience.Restart();
                seen = Seen();
                if (patience.Elapsed > (target.Activity == 0 ? PatienceWithTheDead : Patience))
                    last.Cancel();
            }
        }
        target.Dispose();
    }

    (long, long?) Seen() => (drain.Behind, target.Activity);

    void Run()
    {
        var interval = Interval;
        while (!ending.Wait(interval))
            interval = Pass(ended: false, training.Token)
                ? Interval
                : TimeSpan.FromTicks(Math.Min(interval.Ticks * 2, LongestInterval.Ticks));
        Pass(ended: true, last.Token);
    }

    bool Pass(bool ended, CancellationToken cancellation)
    {
        if (claim.Look() is not null)
            return true;
        try
        {
            drain.Carry(ended, cancellation);
            Trouble = null;
            Complaint = target.Complaint(run);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Trouble ??= "It took too long.";
        }
        catch (Exception failure)
        {
            Trouble = failure.Message;
        }
        return false;
    }
}
