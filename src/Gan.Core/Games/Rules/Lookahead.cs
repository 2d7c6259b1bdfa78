namespace Gan.Core;

/// <summary>
/// Lookahead: another rule makes Period steps with fast weights; then the slow weights move toward them, s' = s +
/// Alpha (w - s), and the fast ones begin again from there, w = s'. Averages and optimizers are the fast weights'.
/// </summary>
/// <remarks>Zhang et al., 2019; for games, Chavdarova et al., 2021.</remarks>
public sealed record Lookahead : IUpdateRule
{
    /// <summary>The rule of the fast weights.</summary>
    public IUpdateRule Inner { get; init; } = new Alternating();

    /// <summary>The steps between two moves of the slow weights, k in the paper.</summary>
    public int Period
    {
        get;
        init => field = Require.Positive(value);
    } = 5;

    /// <summary>How far the slow weights move, alpha in the paper: 1 is the inner rule alone.</summary>
    public double Alpha
    {
        get;
        init => field = Require.InRange(value, 0, 1);
    } = 0.5;

    /// <inheritdoc/>
    public void Validate(Game game) => Inner.Validate(game);

    /// <inheritdoc/>
    public ParameterTree Init(IReadOnlyList<PlayerState> players) =>
        ParameterTree.Join([new NamedTree("slow", Weights(players)), new NamedTree("inner", Inner.Init(players))]);

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var slow = input.State.Rule.Child("slow");
        var inner = Inner.Advance(input with { State = input.State with { Rule = input.State.Rule.Child("inner") } });
        var state = inner.State;
        if ((input.State.Step + 1) % Period == 0)
        {
            slow = slow.Toward(Weights(state.Players), Alpha);
            state = state.WithWeights(player => player.Network.Weights.With(slow.Child(player.Name).ToArray()));
        }
        var rule = ParameterTree.Join([new NamedTree("slow", slow), new NamedTree("inner", state.Rule)]);
        return inner with { State = state with { Rule = rule } };
    }

    static ParameterTree Weights(IEnumerable<PlayerState> players) =>
        ParameterTree.Join(players.Select(player => new NamedTree(player.Name, player.Network.Weights)));
}
