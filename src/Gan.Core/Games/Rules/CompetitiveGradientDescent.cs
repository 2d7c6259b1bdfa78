namespace Gan.Core;

/// <summary>
/// Competitive gradient descent: each player answers the move that it expects of the others, in the local bilinear game
/// of step Rate. All move along x with (I + Rate H') x = g, where g is the simultaneous gradient and H' the game's Hessian
/// without its diagonal blocks, the players' own curvatures.
/// </summary>
/// <remarks>
/// Schaefer and Anandkumar, 2019. Solved by conjugate gradients on the normal equations, at most Iterations of them, to a
/// relative residual of Tolerance. With plain steps the optimisers' learning rates should be Rate. It needs second
/// derivatives of the objectives.
/// </remarks>
public sealed record CompetitiveGradientDescent(double Rate) : ISimultaneousRule
{
    /// <summary>The step of the local game, eta in the paper.</summary>
    public double Rate
    {
        get;
        init => field = Require.Positive(value);
    } = Require.Positive(Rate);

    /// <summary>The most iterations of the solver; each takes four products with H.</summary>
    public int Iterations
    {
        get;
        init => field = Require.Positive(value);
    } = 20;

    /// <summary>The relative residual at which the solver stops.</summary>
    public double Tolerance
    {
        get;
        init => field = Require.Positive(value);
    } = 1e-6;

    /// <inheritdoc/>
    public StepResult Advance(StepInput input)
    {
        var field = new GameField(input);
        return field.Move(Solve(field, GameField.Detached(field.Gradient)));
    }

    Tensor[] Solve(GameField field, Tensor[] gradient)
    {
        // M x = g by conjugate gradients on M^T M x = M^T g, from x = g, with M = I + Rate H'.
        var x = gradient;
        var residual = GameField.Add(gradient, Apply(field, x, field.Product), -1);
        var descent = Apply(field, residual, field.TransposedProduct);
        var direction = descent;
        var squared = GameField.Dot(descent, descent);
        var enough = Tolerance * Tolerance * GameField.Dot(gradient, gradient);
        for (var i = 0; i < Iterations && GameField.Dot(residual, residual) > enough && squared > 0; i++)
        {
            var image = Apply(field, direction, field.Product);
            var share = squared / GameField.Dot(image, image);
            x = GameField.Add(x, direction, share);
            residual = GameField.Add(residual, image, -share);
            descent = Apply(field, residual, field.TransposedProduct);
            var next = GameField.Dot(descent, descent);
            direction = GameField.Add(descent, direction, next / squared);
            squared = next;
        }
        return x;
    }

    // u + Rate H' u, or with the transposed product u + Rate H'^T u: the rows of each player from the others' columns.
    Tensor[] Apply(GameField field, Tensor[] direction, Func<Tensor[], Tensor[]> product)
    {
        var sum = direction;
        foreach (var player in field.Players.Distinct())
        {
            var alone = field.Only(direction, player);
            var image = product(alone);
            sum = GameField.Add(sum, GameField.Add(image, field.Only(image, player), -1), Rate);
        }
        return sum;
    }
}
