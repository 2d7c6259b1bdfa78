namespace Gan.Core;

/// <summary>x + f(x), for a layer f that keeps the shape.</summary>
/// <remarks>He, Zhang, Ren and Sun, 2016.</remarks>
public sealed record Residual(ILayer Body) : IConditionalLayer
{
    /// <inheritdoc/>
    public bool MixesSamples => Body.MixesSamples;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) => Body.Init(key, dtype);

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key) =>
        Add(input, Body.Apply(weights, buffers, input, mode, key));

    /// <inheritdoc/>
    public LayerOutput Apply(
        ParameterTree weights,
        ParameterTree buffers,
        Tensor input,
        Tensor condition,
        Mode mode,
        RandomKey key
    ) =>
        Add(
            input,
            Body is IConditionalLayer body
                ? body.Apply(weights, buffers, input, condition, mode, key)
                : Body.Apply(weights, buffers, input, mode, key)
        );

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) => Body.Matrices(weights);

    /// <inheritdoc/>
    public LayerState Folded(LayerState state) => Body.Folded(state);

    static LayerOutput Add(Tensor input, LayerOutput body)
    {
        if (!body.Output.shape.SequenceEqual(input.shape))
            throw new ArgumentException(
                $"The body of a residual layer must keep the shape; it made {body.Output.Describe()} of {input.Describe()}."
            );
        return new(input + body.Output, body.Buffers);
    }
}
