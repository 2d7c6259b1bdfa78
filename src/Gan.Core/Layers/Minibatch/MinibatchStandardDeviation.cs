namespace Gan.Core;

/// <summary>
/// Minibatch standard deviation: one number, the standard deviation over a group of points, averaged over their elements,
/// is added to each point of the group, as a last element of [batch, n] or a last map of [batch, channels, …]. A discriminator sees
/// by it how alike points are. Groups are of every (batch / GroupSize)th point; sqrt(variance + 1e-8), of the group itself.
/// </summary>
/// <remarks>Karras et al., 2018; the groups are those of StyleGAN2's code.</remarks>
public sealed record MinibatchStandardDeviation : ILayer
{
    /// <summary>The points in a group: 0 for all of the batch. The batch is a multiple of it.</summary>
    public int GroupSize
    {
        get;
        init => field = Require.NotNegative(value);
    } = 4;

    /// <inheritdoc/>
    public bool MixesSamples => true;

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        var count = input.size(0);
        var group = GroupSize == 0 ? count : Math.Min(GroupSize, count);
        if (input.ndim < 2 || count % group != 0)
            throw new ArgumentException(
                $"MinibatchStandardDeviation({GroupSize}) expects [batch, …] with a batch that is a multiple of {group}; got {input.Describe()}."
            );
        var groups = input.reshape(group, count / group, -1);
        var centered = groups - groups.mean([0], keepdim: true);
        var deviation = (centered.square().mean([0]) + 1e-8).sqrt().mean([1]);
        long[] map = [count, 1, .. input.shape.Skip(2)];
        var added = deviation
            .unsqueeze(0)
            .expand(group, count / group)
            .reshape([count, .. Enumerable.Repeat(1L, map.Length - 1)])
            .expand(map);
        return new(cat([input, added], 1), buffers);
    }
}
