namespace Gan.Core;

/// <summary>
/// Competitive gradient descent: each player answers the move that it expects of the others, in the local bilinear game
/// of step LearningRate. All move along x with (I + LearningRate H') x = g, where g is the simultaneous gradient and H' the game's Hessian
/// without its diagonal blocks, the players' own curvatures.
/// </summary>
/// <remarks>
/// Schaefer and Anandkumar, 2019. Solved by conjugate gradients on the normal equations, at most Iterations of them, to a
/// relative residual of Tolerance. With plain steps the optimizers' learning rates should be the same. It needs second
/// derivatives of the objectives.
/// </remarks>
public sealed record CompetitiveGradientDescent : ISimultaneousRule
{
    /// <summary>The step of the local game, eta in the paper.</summary>
    public double LearningRate
    {
        get;
        init => field = Require.Positive(value);
    } = 1e-3;

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
        var field = new VectorField(input);
        return field.Move(Solve(field, VectorField.Detached(field.Gradient)));
    }

    Tensor[] Solve(VectorField field, Tensor[] gradient)
    {
        // M x = g by conjugate gradients on M^T M x = M^T g, from x = g, with M = I + LearningRate H'.
        var x = gradient;
        var residual = VectorField.Add(gradient, Apply(field, x, field.Product), -1);
        var descent = Apply(field, residual, field.TransposedProduct);
        var direction = descent;
        var squared = VectorField.Dot(descent, descent);
        var enough = Tolerance * Tolerance * VectorField.Dot(gradient, gradient);
        for (var i = 0; i < Iterations && VectorField.Dot(residual, residual) > enough && squared > 0; i++)
        {
            var image = Apply(field, direction, field.Product);
            var factor = squared / VectorField.Dot(image, image);
            x = VectorField.Add(x, direction, factor);
            residual = VectorField.Add(residual, image, -factor);
            descent = Apply(field, residual, field.TransposedProduct);
            var next = VectorField.Dot(descent, descent);
            direction = VectorField.Add(descent, direction, next / squared);
            squared = next;
        }
        return x;
    }

    // u + LearningRate H' u, or with the transposed product u + LearningRate H'^T u: the rows of each player from the others' columns.
    Tensor[] Apply(VectorField field, Tensor[] direction, Func<Tensor[], Tensor[]> product)
    {
        var sum = direction;
        foreach (var player in field.Players.Distinct())
        {
            var alone = field.Only(direction, player);
            var image = product(alone);
            sum = VectorField.Add(sum, VectorField.Add(image, field.Only(image, player), -1), LearningRate);
        }
        return sum;
    }
}
