namespace Gan.Experiments;

/// <summary>What happens in a run. Closed: <see cref="Match{T}"/> takes one function per case.</summary>
public abstract record RunEvent
{
    private RunEvent() { }

    /// <summary>One function per case.</summary>
    public T Match<T>(
        Func<Started, T> started,
        Func<StepLogged, T> stepLogged,
        Func<Evaluated, T> evaluated,
        Func<SamplesSaved, T> samplesSaved,
        Func<CheckpointSaved, T> checkpointSaved,
        Func<Detected, T> detected,
        Func<Warning, T> warning,
        Func<Draining, T> draining,
        Func<DrainFinished, T> drainFinished
    ) =>
        this switch
        {
            Started own => started(own),
            StepLogged own => stepLogged(own),
            Evaluated own => evaluated(own),
            SamplesSaved own => samplesSaved(own),
            CheckpointSaved own => checkpointSaved(own),
            Detected own => detected(own),
            Warning own => warning(own),
            Draining own => draining(own),
            _ => drainFinished((DrainFinished)this),
        };

    /// <summary>The run is about to make its first step, or its first after a resume.</summary>
    /// <param name="RunId">The run's id; empty without tracking.</param>
    /// <param name="Folder">The run's folder; empty without tracking.</param>
    /// <param name="Spec">The experiment, its threads decided.</param>
    /// <param name="FirstStep">The number of steps made before.</param>
    public sealed record Started(string RunId, string Folder, ExperimentSpec Spec, long FirstStep) : RunEvent;

    /// <summary>A step was logged.</summary>
    public sealed record StepLogged(long Step, IReadOnlyDictionary<string, double> Values) : RunEvent
    {
        internal GameState Current { get; init; } = null!;

        /// <summary>The state after the step, to keep: it stays as it is while the run goes on.</summary>
        public GameState KeepState() => Current.Retain();
    }

    /// <summary>Quality was measured.</summary>
    public sealed record Evaluated(long Step, IReadOnlyDictionary<string, double> Values) : RunEvent;

    /// <summary>A picture was saved.</summary>
    public sealed record SamplesSaved(long Step, string File) : RunEvent;

    /// <summary>A known trouble was seen.</summary>
    public sealed record Detected(long Step, Detection Detection) : RunEvent;

    /// <summary>Something that the user should know, such as a server that cannot be reached yet.</summary>
    public sealed record Warning(string Message) : RunEvent;

    /// <summary>
    /// The run has made its last step, and waits for store and server to take the rest of its journal.
    /// </summary>
    /// <param name="BytesLeft">What they have not taken yet.</param>
    /// <param name="Remaining">An estimate of the time that it takes; null where there is none yet.</param>
    public sealed record Draining(long BytesLeft, TimeSpan? Remaining) : RunEvent;

    /// <summary>Store and server have taken all of the run's journal, after this time.</summary>
    public sealed record DrainFinished(TimeSpan Elapsed) : RunEvent;

    /// <summary>The state was saved.</summary>
    public sealed record CheckpointSaved(long Step, string File) : RunEvent;
}

/// <summary>Receives what happens in a run, on the run's thread.</summary>
public interface IRunObserver
{
    /// <summary>Called for each event.</summary>
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
