using System.Collections.Immutable;

namespace Gan.Core;

/// <summary>Turn after turn: a later turn sees the weights that an earlier one left. The usual rule of GAN training.</summary>
public sealed record Alternating : IUpdateRule
{
    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var state = input.State;
        var drawn = 0;
        var entries = new Dictionary<string, NamedTensor>();
        for (var turn = 0; turn < input.Game.Turns.Length; turn++)
        for (var repeat = 0; repeat < input.Game.Turns[turn].Repeats; repeat++)
        {
            var batch = input.Game.Turns[turn].Objective.DrawsData ? input.Batches[drawn++] : null;
            var gradients = Turns.Gradients(input, state, turn, repeat, batch);
            state = Turns.Move(input, state, turn, gradients);
            // A repeated turn reports its last repetition.
            foreach (var entry in gradients.Measurements.Entries)
                entries[entry.Path] = entry;
        }
        return new StepResult(state, new Measurements([.. entries.Values]));
    }
}

/// <summary>All turns at once: every gradient is taken at the state before the step, then all players move.</summary>
public sealed record Simultaneous : IUpdateRule
{
    /// <inheritdoc/>
    public void Validate(Game game)
    {
        if (game.Turns.FirstOrDefault(turn => turn.Repeats != 1) is { } turn)
            throw new ArgumentException(
                $"Simultaneous turns are made once a step, since all see the same weights; the turn '{turn.Name}' repeats {turn.Repeats} times."
            );
    }

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var drawn = 0;
        var all = input
            .Game.Turns.Select(
                (turn, i) =>
                    Turns.Gradients(input, input.State, i, 0, turn.Objective.DrawsData ? input.Batches[drawn++] : null)
            )
            .ToArray();
        var state = input.State;
        for (var turn = 0; turn < all.Length; turn++)
            state = Turns.Move(input, state, turn, all[turn]);
        return new StepResult(state, new Measurements([.. all.SelectMany(turn => turn.Measurements.Entries)]));
    }
}
