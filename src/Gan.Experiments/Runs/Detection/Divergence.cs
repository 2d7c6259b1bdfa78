namespace Gan.Experiments;

/// <summary>Where a run first stopped being finite.</summary>
/// <param name="Step">The step.</param>
/// <param name="Message">The turn, the number and the tensor, without a full stop.</param>
internal sealed record DivergencePoint(long Step, string Message);

/// <summary>Finds where a run first stopped being finite, by making its steps again from a healthy state.</summary>
internal sealed class Divergence(Stepper stepper)
{
    /// <summary>The tag that tells of it.</summary>
    public const string Tag = "gan.detected.divergence";

    /// <summary>True where a run has told of it.</summary>
    public static bool IsTold(RunFolder run) =>
        Journal.Records<JournalRecord.Tags>(run.Journal).Any(tags => tags.Values.ContainsKey(Tag));

    /// <summary>What became NaN or infinite first.</summary>
    /// <param name="healthy">A state from before, which is given up.</param>
    /// <param name="until">The step at which it was seen.</param>
    /// <param name="cancellation">Ends the search.</param>
    public DivergencePoint Find(RunState healthy, long until, CancellationToken cancellation)
    {
        var state = healthy;
        IReadOnlyDictionary<string, double> before = new Dictionary<string, double>();
        while (state.Game.Step < until)
        {
            if (cancellation.IsCancellationRequested)
                return new(until, "where it began was not looked for to the end");
            var made = stepper.Next(state, measure: true);
            var tensor = FirstBadTensor(made.State.Game);
            var number = made.Values.FirstOrDefault(pair => !double.IsFinite(pair.Value));
            if (tensor is not null || number.Key is not null)
                return new(made.State.Game.Step, MessageOf(number, before, tensor));
            before = made.Values;
            state = made.State;
        }
        return new(until, "made again it did not, so the machine is not what it was");
    }

    /// <summary>The path of the first tensor of a state that is not finite, or null.</summary>
    public static string? FirstBadTensor(GameState state)
    {
        using var scope = NewDisposeScope();
        return GameCheckpoint
            .ToTensors(state)
            .FirstOrDefault(entry =>
                entry.Tensor.dtype is ScalarType.Float32 or ScalarType.Float64
                && !entry.Tensor.isfinite().all().item<bool>()
            )
            ?.Path;
    }

    static string MessageOf(
        KeyValuePair<string, double> number,
        IReadOnlyDictionary<string, double> before,
        string? tensor
    )
    {
        if (number.Key is null)
            return $"the {Owner(tensor!)}'s update made {tensor} NaN or infinite";
        var last = before.TryGetValue(number.Key, out var value) ? $" ({value:G4} a step before)" : "";
        var where = tensor is null
            ? "all tensors were still finite"
            : $"the first tensor that is not finite is {tensor}";
        return $"in the {Owner(number.Key)}'s turn {number.Key} became {number.Value}{last}; {where}";
    }

    static string Owner(string path) => path.Split('/')[0];
}
