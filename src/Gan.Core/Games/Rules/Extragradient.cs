namespace Gan.Core;

/// <summary>
/// Extragradient: the players look ahead along their gradients, w~ = w + Lookahead (move(w, g(w)) - w), and then move
/// from where they were along the gradients found there, w' = move(w, g(w~)). All turns at once, on the same batch and
/// latents. With plain steps of size h, w' = w - h g(w - h g(w)).
/// </summary>
/// <remarks>
/// Korpelevich, 1976; Gidel et al., 2019. The lookahead is one update of each player's own optimizer, whose state it does
/// not change. Numbers that are measured, and buffers, are those of the first evaluation.
/// </remarks>
public sealed record Extragradient : ISimultaneousRule
{
    /// <summary>How far to look ahead, in updates: 0 is simultaneous.</summary>
    public double Lookahead
    {
        get;
        init => field = Require.NotNegative(value);
    } = 1;

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var here = Turns.AllGradients(input, input.State);
        var ahead = Turns.AllGradients(input, Turns.Toward(input, here, Lookahead));
        return Turns.MoveAll(input, input.State, Turns.Combine(here, [(1, ahead)]));
    }
}
