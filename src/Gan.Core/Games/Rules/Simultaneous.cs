namespace Gan.Core;

/// <summary>All turns at once: every gradient is taken at the state before the step, then all players move.</summary>
public sealed record Simultaneous : ISimultaneousRule
{
    /// <inheritdoc/>
    public StepResult Advance(StepInput input) =>
        Turns.MoveAll(input, input.State, Turns.AllGradients(input, input.State));
}
