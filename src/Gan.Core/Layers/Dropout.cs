namespace Gan.Core;

/// <summary>
/// In training, each element is zero with probability <see cref="Probability"/>, and 1 / (1 - Probability) times
/// itself otherwise; in use, every element is itself. The mask is drawn from the call's key.
/// </summary>
/// <remarks>Srivastava et al., 2014.</remarks>
public sealed record Dropout : ILayer
{
    /// <summary>The fraction of elements that are dropped.</summary>
    public double Probability
    {
        get;
        init => field = Require.InHalfOpenRange(value, 0, 1);
    } = 0.5;

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        if (mode == Mode.Evaluate || Probability == 0)
            return new(input, buffers);
        var keep = 1 - Probability;
        var mask = key.BernoulliLike(input, keep);
        return new(input * (mask * (1 / keep)), buffers);
    }
}
