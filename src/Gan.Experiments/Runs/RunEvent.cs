namespace Gan.Experiments;

/// <summary>What happens in a run. Closed: a match over its cases is complete.</summary>
public abstract record RunEvent
{
    private RunEvent() { }

    /// <summary>The run is about to make its first step, or its first after a resume.</summary>
    /// <param name="RunId">The run's id; empty without tracking.</param>
    /// <param name="Folder">The run's folder; empty without tracking.</param>
    /// <param name="Spec">The experiment, its threads decided.</param>
    /// <param name="FirstStep">The number of steps made before.</param>
    public sealed record Started(string RunId, string Folder, ExperimentSpec Spec, long FirstStep) : RunEvent;

    /// <summary>A step was logged.</summary>
    public sealed record Logged(long Step, IReadOnlyDictionary<string, double> Values) : RunEvent
    {
        internal GameState Current { get; init; } = null!;

        /// <summary>The state after the step, to keep: it stays as it is while the run goes on.</summary>
        public GameState KeepState() => Current.Retain();
    }

    /// <summary>Quality was measured.</summary>
    public sealed record Evaluated(long Step, IReadOnlyDictionary<string, double> Values) : RunEvent;

    /// <summary>A picture was saved.</summary>
    public sealed record Pictured(long Step, string File) : RunEvent;

    /// <summary>A known trouble was seen.</summary>
    public sealed record Detected(long Step, Detection Detection) : RunEvent;

    /// <summary>A server does not hear of the run yet, and why.</summary>
    public sealed record Untold(string Sentence) : RunEvent;

    /// <summary>
    /// The run waits, at its end, for store and server to take what its journal has: so many bytes more, and for so long as
    /// far as one can tell.
    /// </summary>
    public sealed record Carrying(long Left, TimeSpan? ToGo) : RunEvent;

    /// <summary>Store and server were waited for so long.</summary>
    public sealed record Carried(TimeSpan Took) : RunEvent;

    /// <summary>The state was saved.</summary>
    public sealed record Saved(long Step, string File) : RunEvent;
}

/// <summary>Is told what happens in a run, on the run's thread.</summary>
public interface IRunObserver
{
    /// <summary>Takes an event.</summary>
    void On(RunEvent happened);
}

/// <summary>How a run ended.</summary>
public enum RunEnding
{
    /// <summary>All steps were made.</summary>
    Finished,

    /// <summary>A loss became NaN or infinite.</summary>
    Diverged,

    /// <summary>The user stopped it; it can be resumed.</summary>
    Interrupted,

    /// <summary>It came to the step where it was to pause; it can be resumed.</summary>
    Paused,
}

/// <summary>A run's end.</summary>
/// <param name="Ending">How it ended.</param>
/// <param name="RunId">Its id; empty without tracking.</param>
/// <param name="Folder">Its folder; empty without tracking.</param>
/// <param name="Store">The store that it lives in; empty without tracking.</param>
/// <param name="Step">The steps made.</param>
/// <param name="StateHash">The hash of the last state.</param>
/// <param name="Values">The latest value of everything logged.</param>
/// <param name="Note">What else the user should know; empty for nothing.</param>
public sealed record RunOutcome(
    RunEnding Ending,
    string RunId,
    string Folder,
    string Store,
    long Step,
    string StateHash,
    IReadOnlyDictionary<string, double> Values,
    string Note
);
