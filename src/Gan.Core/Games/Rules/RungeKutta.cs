namespace Gan.Core;

/// <summary>
/// ODE-GAN: one step of a Runge-Kutta method along the game's gradient flow, all turns at once, on the same batch and
/// latents. Order 2 is Heun's, w' = move(w, (k1 + k2)/2) with k1 = g(w), k2 = g(move(w, k1)); order 4 is the classical,
/// w' = move(w, (k1 + 2 k2 + 2 k3 + k4)/6), with k2 and k3 taken half a move ahead. Order 1 is simultaneous.
/// </summary>
/// <remarks>
/// Qin et al., 2020. A move is one update of each player's own optimizer; the method has its order with plain steps.
/// Numbers that are measured, and buffers, are those of the first evaluation.
/// </remarks>
public sealed record RungeKutta : ISimultaneousRule
{
    /// <summary>The method's order: 1, 2 or 4.</summary>
    public int Order
    {
        get;
        init => field = RequireKnown(value);
    } = 2;

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var k1 = Turns.AllGradients(input, input.State);
        return Turns.MoveAll(input, input.State, Order == 1 ? k1 : Turns.Combine(k1, Slopes(input, k1)));
    }

    (double Fraction, ImmutableArray<TurnGradients> Slope)[] Slopes(StepInput input, ImmutableArray<TurnGradients> k1)
    {
        if (Order == 2)
            return [(0.5, k1), (0.5, Ahead(k1, 1))];
        var k2 = Ahead(k1, 0.5);
        var k3 = Ahead(k2, 0.5);
        return [(1 / 6.0, k1), (1 / 3.0, k2), (1 / 3.0, k3), (1 / 6.0, Ahead(k3, 1))];

        ImmutableArray<TurnGradients> Ahead(ImmutableArray<TurnGradients> slope, double fraction) =>
            Turns.AllGradients(input, Turns.Toward(input, slope, fraction));
    }

    static int RequireKnown(int order) =>
        order is 1 or 2 or 4
            ? order
            : throw new ArgumentOutOfRangeException(nameof(order), order, "The order must be 1, 2 or 4.");
}
