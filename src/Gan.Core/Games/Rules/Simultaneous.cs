namespace Gan.Core;

/// <summary>All turns at once: every gradient is taken at the state before the step, then all players move.</summary>
public sealed record Simultaneous : IUpdateRule
{
    /// <inheritdoc/>
    public void Validate(Game game) => Turns.RequireOnce(game);

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var all = Turns.AllGradients(input, input.State);
        return Turns.MoveAll(input, input.State, all);
    }
}
