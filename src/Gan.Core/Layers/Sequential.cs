using System.Collections.Immutable;

namespace Gan.Core;

/// <summary>Layers one after the other; the weights of layer i are below the level i. Equality is of the layers, in order.</summary>
public sealed record Sequential : ILayer
{
    readonly string[] names;

    /// <summary>The layers in the order of application.</summary>
    public Sequential(params ILayer[] layers)
    {
        Layers = [.. layers];
        names = [.. Enumerable.Range(0, Layers.Length).Select(i => i.ToString())];
    }

    /// <summary>The layers in the order of application.</summary>
    public ImmutableArray<ILayer> Layers { get; }

    /// <inheritdoc/>
    public bool MixesSamples => Layers.Any(layer => layer.MixesSamples);

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype)
    {
        var states = Layers.Select((layer, i) => layer.Init(key.Derive(i), dtype)).ToArray();
        return new LayerState(
            ParameterTree.Join(states.Select((state, i) => new NamedTree(names[i], state.Weights))),
            ParameterTree.Join(states.Select((state, i) => new NamedTree(names[i], state.Buffers)))
        );
    }

    /// <inheritdoc/>
    public LayerOutput Apply(ParameterTree weights, ParameterTree buffers, Tensor input, Mode mode, RandomKey key)
    {
        var after = new ParameterTree[Layers.Length];
        var changed = false;
        Tensor? features = null;
        for (var i = 0; i < Layers.Length; i++)
        {
            if (i > 0 && i == Layers.Length - 1)
                features = input;
            var before = buffers.Child(names[i]);
            var output = Layers[i].Apply(weights.Child(names[i]), before, input, mode, key.Derive(i));
            input = output.Output;
            after[i] = output.Buffers;
            changed |= !ReferenceEquals(before, output.Buffers);
        }
        return new LayerOutput(input, changed ? buffers.With([.. after.SelectMany(child => child.ToArray())]) : buffers)
        {
            Features = features,
        };
    }

    /// <inheritdoc/>
    public bool Equals(Sequential? other) => other is not null && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => Layers.Aggregate(0, HashCode.Combine);
}
