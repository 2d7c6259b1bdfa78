namespace Gan.Core;

/// <summary>
/// Path length, in the generator's turn: Coefficient E (|J^T y| - a)^2, with J the Jacobian of the generator at its latents, y
/// normal of the points' shape over the square root of their elements, and a the moving average of the lengths, its
/// state: a step of a length in latents makes a change of one size, whatever its direction.
/// </summary>
/// <remarks>
/// Karras et al., 2020, with respect to the latents themselves. The average begins at 0 and moves by 1 - Decay. The norm is
/// sqrt(sum of squares + 1e-12).
/// </remarks>
public sealed record PathLength : Proportional, IPenalty
{
    /// <summary>With a coefficient of 2, as in the paper.</summary>
    public PathLength() => Coefficient = 2;

    const string Average = "length";

    /// <summary>How much of the average stays.</summary>
    public double Decay
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = 0.99;

    /// <inheritdoc/>
    public bool ReadsReal => false;

    /// <inheritdoc/>
    public void Validate(PenaltySetting setting) => setting.RequireLatents(nameof(PathLength));

    /// <inheritdoc/>
    public ParameterTree Init(ParameterTree weights) =>
        ParameterTree.FromTensors([new(Average, zeros([], weights[0].Tensor.dtype))]);

    /// <inheritdoc/>
    public Term Evaluate(PenaltyInput input)
    {
        var lengths = Lengths(input);
        var average = input.State[Average] * Decay + lengths.detach().mean() * (1 - Decay);
        return new Term((lengths - average).square().mean() * Coefficient) { State = input.State.With([average]) };
    }

    static Tensor Lengths(PenaltyInput input)
    {
        using var asked = Gradient.Ask(DerivativeOrder.Higher);
        var latents = input.Latents.detach().requires_grad_();
        var points = input.Generator.Generate(latents).ToMatrix();
        var noise = input.Key.NormalLike(points);
        var along = (points * noise).sum() * (1 / Math.Sqrt(points.size(1)));
        var gradients = Gradient.Of(along, [latents], createGraph: true)[0];
        return Matrices.RowLengths(gradients);
    }
}
