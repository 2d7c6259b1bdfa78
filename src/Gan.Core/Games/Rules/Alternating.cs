namespace Gan.Core;

/// <summary>Turn after turn: a later turn sees the weights that an earlier one left. The usual rule of GAN training.</summary>
public sealed record Alternating : IUpdateRule
{
    /// <inheritdoc/>
    public StepResult Advance(StepInput input) => Play(input, Turns.Gradients);

    /// <summary>Turn after turn, with a way to find a turn's gradients.</summary>
    internal static StepResult Play(
        StepInput input,
        Func<StepInput, GameState, int, int, Batch?, TurnGradients> gradientsOf
    )
    {
        var state = input.State;
        var entries = new Dictionary<string, NamedTensor>();
        for (var turn = 0; turn < input.Game.Turns.Length; turn++)
        for (var repeat = 0; repeat < input.Game.Turns[turn].Repeats; repeat++)
        {
            var gradients = gradientsOf(input, state, turn, repeat, input.BatchOf(turn, repeat));
            var before = state;
            state = Turns.Move(input, before, turn, gradients);
            state.DisposeUnused([.. before.Tensors, .. gradients.GradientTensors], input.State);
            // A repeated turn reports its last repetition.
            foreach (var entry in gradients.Measurements.Entries)
                entries[entry.Path] = entry;
        }
        return new StepResult(state, new Measurements([.. entries.Values]));
    }
}
