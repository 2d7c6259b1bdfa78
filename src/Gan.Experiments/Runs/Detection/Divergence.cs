namespace Gan.Experiments;

/// <summary>Finds where a run first stopped being finite, by making its steps again from a healthy state.</summary>
internal sealed class Divergence(Stepper stepper)
{
    /// <summary>What became NaN or infinite first: the step, the turn, the number and the tensor, as a sentence.</summary>
    /// <param name="healthy">A state from before.</param>
    /// <param name="until">The step at which it was seen.</param>
    public string Find(RunState healthy, long until)
    {
        var state = healthy;
        IReadOnlyDictionary<string, double> before = new Dictionary<string, double>();
        while (state.Game.Step < until)
        {
            var made = stepper.Next(state, new StepOptions(Measure: true, GiveUp: false));
            var tensor = FirstBadTensor(made.State.Game);
            var number = made.Values.FirstOrDefault(pair => !double.IsFinite(pair.Value));
            if (tensor is not null || number.Key is not null)
                return Sentence(made.State.Game.Step, number, before, tensor);
            before = made.Values;
            state = made.State;
        }
        return $"Step {until} diverged; made again from step {healthy.Game.Step} it did not, so the machine is not what it was.";
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

    static string Sentence(
        long step,
        KeyValuePair<string, double> number,
        IReadOnlyDictionary<string, double> before,
        string? tensor
    )
    {
        var what = number.Key is null
            ? ""
            : $" in the {number.Key.Split('/')[0]}'s turn {number.Key} became {number.Value}"
                + (before.TryGetValue(number.Key, out var last) ? $" ({last:G4} a step before)" : "");
        var where = tensor is null
            ? "all weights were still finite"
            : $"the first tensor that is not finite is {tensor}";
        return $"Step {step} diverged:{what}{(what.Length > 0 ? "; " : " ")}{where}.";
    }
}
