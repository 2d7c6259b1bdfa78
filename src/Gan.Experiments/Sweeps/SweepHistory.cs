namespace Gan.Experiments;

/// <summary>One run of a sweep.</summary>
/// <param name="Index">Its number, from 0 on.</param>
/// <param name="Configuration">The number of its configuration; runs from other seeds share it.</param>
/// <param name="Arm">The number of the search that it belongs to.</param>
/// <param name="Phase">The phase: search, or wide, narrow and best.</param>
/// <param name="Values">What the sweep sets, by parameter.</param>
/// <param name="Seed">The seed.</param>
/// <param name="RunId">The run's id, a function of the sweep's and the index.</param>
public sealed record SweepTrial(
    int Index,
    int Configuration,
    int Arm,
    string Phase,
    IReadOnlyDictionary<string, string> Values,
    long Seed,
    string RunId
)
{
    /// <summary>The values and the seed as assignments.</summary>
    public IReadOnlyList<string> ToAssignments() =>
        [.. Values.Select(pair => $"{pair.Key}={pair.Value}"), $"seed={Seed}"];

    /// <summary>The id of the run of a sweep's trial.</summary>
    public static string IdOf(string sweep, int index) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{sweep}/{index}")))[..32];
}

/// <summary>How a trial stands.</summary>
public enum TrialState
{
    /// <summary>It is to be run, or goes on being run.</summary>
    Open,

    /// <summary>It waits at a rung for what others make of it.</summary>
    Paused,

    /// <summary>It made all its steps.</summary>
    Finished,

    /// <summary>A loss became NaN or infinite.</summary>
    Diverged,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>Others were better at its rung.</summary>
    Stopped,

    /// <summary>Its values make no sense together.</summary>
    Refused,
}

/// <summary>A trial, and how it stands.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="State">How it stands.</param>
/// <param name="Rung">The rung that it is on its way to, or waits at.</param>
/// <param name="Values">The metric at each rung that it came to, and at its end.</param>
/// <param name="Note">What the user should know of its end.</param>
public sealed record TrialStanding(
    SweepTrial Trial,
    TrialState State,
    int Rung,
    IReadOnlyList<double> Values,
    string Note
)
{
    /// <summary>The latest value of the metric; NaN for none.</summary>
    public double Value => Values.Count > 0 ? Values[^1] : double.NaN;

    /// <summary>True where nothing more will come of it.</summary>
    public bool HasEnded => State is not (TrialState.Open or TrialState.Paused);

    /// <summary>True where it came to a bad end, whatever its values were before.</summary>
    internal bool IsLost => State is TrialState.Diverged or TrialState.Failed;
}

/// <summary>What happened in a sweep. Closed: <see cref="Match{T}"/> takes one function per case.</summary>
public abstract record SweepEvent
{
    private SweepEvent() { }

    /// <summary>One function per case.</summary>
    public T Match<T>(
        Func<Begun, T> begun,
        Func<Created, T> created,
        Func<Paused, T> paused,
        Func<Promoted, T> promoted,
        Func<Ended, T> ended
    ) =>
        this switch
        {
            Begun own => begun(own),
            Created own => created(own),
            Paused own => paused(own),
            Promoted own => promoted(own),
            _ => ended((Ended)this),
        };

    /// <summary>The sweep began, or was gone on with; its runs have as many threads as it first said.</summary>
    public sealed record Begun(int Threads) : SweepEvent;

    /// <summary>A trial was made.</summary>
    public sealed record Created(SweepTrial Trial) : SweepEvent;

    /// <summary>A trial came to a rung, with a value of the metric.</summary>
    public sealed record Paused(int Index, int Rung, double Value) : SweepEvent;

    /// <summary>A trial may go on to the next rung.</summary>
    public sealed record Promoted(int Index, int Rung) : SweepEvent;

    /// <summary>A trial ended.</summary>
    public sealed record Ended(int Index, TrialState State, double Value, string Note) : SweepEvent;
}

/// <summary>All that happened in a sweep up to a moment: what every decision is made on.</summary>
/// <param name="Worked">The milliseconds that it was worked on, up to its last event.</param>
/// <param name="Last">The time of the last event, in milliseconds since 1970.</param>
/// <param name="Threads">The threads of each run; 0 before it began.</param>
/// <param name="Trials">The trials.</param>
public sealed record SweepHistory(long Worked, long Last, int Threads, IReadOnlyList<TrialStanding> Trials)
{
    /// <summary>How many trials have ended.</summary>
    public int Ended => Trials.Count(trial => trial.HasEnded);

    /// <summary>Before the beginning.</summary>
    public static SweepHistory Empty { get; } = new(0, 0, 0, []);

    /// <summary>With one event more, at a time: the time before it was gone on with was nobody's work.</summary>
    public SweepHistory At(long time, SweepEvent happened) =>
        With(happened) with
        {
            Worked = Worked + (happened is SweepEvent.Begun ? 0 : Math.Max(0, time - Last)),
            Last = time,
        };

    /// <summary>With one event more.</summary>
    public SweepHistory With(SweepEvent happened) =>
        happened.Match(
            begun => this with { Threads = Threads > 0 ? Threads : begun.Threads },
            created => this with { Trials = [.. Trials, new TrialStanding(created.Trial, TrialState.Open, 0, [], "")] },
            paused =>
                Change(
                    paused.Index,
                    one =>
                        one with
                        {
                            State = TrialState.Paused,
                            Rung = paused.Rung,
                            Values = [.. one.Values, paused.Value],
                        }
                ),
            promoted => Change(promoted.Index, one => one with { State = TrialState.Open, Rung = promoted.Rung }),
            ended =>
                Change(
                    ended.Index,
                    one =>
                        one with
                        {
                            State = ended.State,
                            Values = ended.State == TrialState.Finished ? [.. one.Values, ended.Value] : one.Values,
                            Note = ended.Note,
                        }
                )
        );

    SweepHistory Change(int index, Func<TrialStanding, TrialStanding> change) =>
        this with
        {
            Trials = [.. Trials.Select(standing => standing.Trial.Index == index ? change(standing) : standing)],
        };
}
