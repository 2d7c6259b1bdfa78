namespace Gan.Core;

/// <summary>Layers one after the other; the weights of layer i are below the level i. Equality is of the layers, in order.</summary>
public sealed record Sequential : IConditionalLayer
{
    readonly string[] names;
    readonly DenseFusion?[] fusions;

    /// <summary>The layers in the order of application.</summary>
    public Sequential(params ILayer[] layers)
    {
        Layers = [.. layers];
        names = [.. Enumerable.Range(0, Layers.Length).Select(i => i.ToString())];
        fusions = DenseFusion.Find(Layers);
    }

    /// <summary>The layers in the order of application.</summary>
    public ImmutableArray<ILayer> Layers { get; }

    /// <inheritdoc/>
    public bool MixesSamples => Layers.Any(layer => layer.MixesSamples);

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        LayerState.Join([.. Layers.Select((layer, i) => (names[i], layer.Init(key.Derive(i), dtype)))]);

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key) =>
        ApplyAll(weights, buffers, input, null, mode, key);

    /// <summary>The same, with a condition for the layers that read one.</summary>
    public LayerOutput Apply(
        ParameterTree weights,
        ParameterTree buffers,
        Tensor input,
        Tensor condition,
        Mode mode,
        RandomKey key
    ) => ApplyAll(weights, buffers, input, condition, mode, key);

    LayerOutput ApplyAll(
        ParameterTree weights,
        ParameterTree buffers,
        Tensor input,
        Tensor? condition,
        Mode mode,
        RandomKey key
    )
    {
        var after = new ParameterTree[Layers.Length];
        var changed = false;
        Tensor? features = null;
        for (var i = 0; i < Layers.Length; i++)
        {
            if (i > 0 && i == Layers.Length - 1)
                features = input;
            var before = buffers.Child(names[i]);
            if (fusions[i] is { } fusion && DenseFusion.Accepts(input))
            {
                var found = fusion.Apply(Layers, names, weights, input, norms: false);
                if (fusion.End == Layers.Length - 1)
                    features = found.Features;
                input = found.Output;
                Array.Fill(after, ParameterTree.Empty, i, fusion.End - i + 1);
                i = fusion.End;
                continue;
            }
            var (own, ownKey) = (weights.Child(names[i]), key.Derive(i));
            (input, after[i]) =
                condition is not null && Layers[i] is IConditionalLayer layer
                    ? layer.Apply(own, before, input, condition, mode, ownKey)
                    : Layers[i].Apply(own, before, input, mode, ownKey);
            changed |= !ReferenceEquals(before, after[i]);
        }
        return new LayerOutput(input, changed ? buffers.With([.. after.SelectMany(child => child.ToArray())]) : buffers)
        {
            Features = features,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<NamedTensor> Matrices(ParameterTree weights) =>
        [.. Layers.SelectMany((layer, i) => layer.Matrices(weights.Child(names[i])).Under(names[i]))];

    /// <inheritdoc/>
    public LayerState Folded(LayerState state) =>
        LayerState.Join([
            .. Layers.Select(
                (layer, i) =>
                    (names[i], layer.Folded(new(state.Weights.Child(names[i]), state.Buffers.Child(names[i]))))
            ),
        ]);

    /// <summary>Whether <see cref="ApplyWithGradientNorms"/> can be called: one fusion is all of the layers, and works on such inputs.</summary>
    internal bool HasGradientNorms(Tensor input) =>
        fusions[0] is { } fusion && fusion.End == Layers.Length - 1 && DenseFusion.Accepts(input);

    /// <summary>The output for [batch, inputs] of layers that end in one number, with the squared norms of its gradients.</summary>
    internal LayerOutput ApplyWithGradientNorms(LayerState state, Tensor input)
    {
        var found = fusions[0]!.Apply(Layers, names, state.Weights, input, norms: true);
        return new LayerOutput(found.Output, state.Buffers) { Features = found.Features, Slopes = found.Slopes };
    }

    /// <inheritdoc/>
    public bool Equals(Sequential? other) => other is not null && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => Layers.Aggregate(0, HashCode.Combine);
}
