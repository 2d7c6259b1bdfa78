namespace Gan.Core;

/// <summary>
/// A generator of a layer and the head that its space asks for: the body's [batch, Space.Size] (or, for one component,
/// [batch, its shape]) is cut into components, and each is squashed into its range. With an encoder it is conditioned: the
/// condition's numbers are put beside the latents, and given to the layers that read a condition.
/// </summary>
public sealed record LayeredGenerator(LatentPrior Latents, ILayer Body, Space Space) : IGenerator
{
    /// <summary>Makes numbers of conditions; null for a generator that takes none.</summary>
    public ConditionEncoder? Encoder { get; init; }

    /// <summary>Whether the body's input is the latents alone, so that only its layers read the condition.</summary>
    public bool ConditionsLayersAlone { get; init; }

    /// <inheritdoc/>
    public Space? Condition => Encoder?.Space;

    /// <inheritdoc/>
    public bool MixesSamples => Body.MixesSamples;

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) => ConditionedBody.Init(Body, Encoder, key, dtype);

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) =>
        ConditionedBody.Matrices(Body, Encoder, weights);

    /// <inheritdoc/>
    public GeneratorResult Generate(LayerState state, Tensor latents, Sample? condition, Mode mode, RandomKey key)
    {
        using var scope = new TensorScope(state, latents);
        var code = ConditionedBody.Encode(Encoder, state.Weights, condition, latents.dtype);
        var input = code is null || ConditionsLayersAlone ? latents : cat([latents, code], 1);
        var output = ConditionedBody.Apply(Body, state, input, code, mode, key);
        var flat = output.Output.ndim == 2 ? output.Output : output.Output.flatten(1);
        if (flat.size(1) != Space.Size)
            throw new ArgumentException(
                $"The generator's body must end in {Space.Size} numbers a point, for {Space.Describe()}; it ends in {flat.size(1)}."
            );
        var start = 0;
        var components = new List<NamedTensor>();
        foreach (var component in Space.Components)
        {
            var part = Space.Components.Count == 1 ? flat : flat.narrow(1, start, component.Size);
            start += component.Size;
            components.Add(new NamedTensor(component.Name, scope.Keep(Squash(part, component))));
        }
        scope.Keep(output.Buffers.ToArray());
        return new GeneratorResult(new Sample([.. components]), output.Buffers);
    }

    static Tensor Squash(Tensor flat, Component component)
    {
        var shaped =
            component.Shape.Length == 1
                ? flat
                : flat.reshape([flat.size(0), .. component.Shape.Select(size => (long)size)]);
        return component.Range switch
        {
            ValueRange.Unbounded => shaped,
            ValueRange.Symmetric => shaped.tanh(),
            ValueRange.Unit => shaped.sigmoid(),
            _ => throw new ArgumentException($"A generator of numbers cannot make {component}, whole numbers."),
        };
    }
}

/// <summary>A network's body beside an encoder of conditions, or without one.</summary>
internal static class ConditionedBody
{
    const string OfBody = "body";
    const string OfCondition = "condition";

    public static LayerState Init(ILayer body, ConditionEncoder? encoder, RandomKey key, ScalarType dtype) =>
        encoder is null
            ? body.Init(key, dtype)
            : LayerState.Join(
                (OfBody, body.Init(key.Derive(OfBody), dtype)),
                (OfCondition, new(encoder.Init(key.Derive(OfCondition), dtype), ParameterTree.Empty))
            );

    public static IReadOnlyList<NamedTensor> Matrices(ILayer body, ConditionEncoder? encoder, ParameterTree weights) =>
        encoder is null ? body.Matrices(weights) : [.. body.Matrices(weights.Child(OfBody)).Under(OfBody)];

    /// <summary>[batch, n]: the condition's numbers; null for a network that takes none.</summary>
    public static Tensor? Encode(ConditionEncoder? encoder, ParameterTree weights, Sample? condition, ScalarType dtype)
    {
        if (encoder is null)
            return null;
        return encoder.Encode(
            weights.Child(OfCondition),
            condition
                ?? throw new ArgumentException(
                    $"This network is conditioned on {encoder.Space.Describe()}; got no condition."
                ),
            dtype
        );
    }

    public static LayerOutput Apply(ILayer body, LayerState state, Tensor input, Tensor? code, Mode mode, RandomKey key)
    {
        if (code is null)
            return body.Apply(state.Weights, state.Buffers, input, mode, key);
        var (weights, buffers) = (state.Weights.Child(OfBody), state.Buffers.Child(OfBody));
        var output = body is IConditionalLayer layer
            ? layer.Apply(weights, buffers, input, code, mode, key)
            : body.Apply(weights, buffers, input, mode, key);
        return output with { Buffers = state.Buffers.With(output.Buffers.ToArray()) };
    }
}
