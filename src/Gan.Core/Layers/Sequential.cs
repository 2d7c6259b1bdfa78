namespace Gan.Core;

/// <summary>Layers one after the other; the weights of layer i are below the level i. Equality is of the layers, in order.</summary>
public sealed record Sequential : ILayer
{
    readonly string[] names;
    readonly DenseLayers?[] chains;

    // Dense layers from one place to another with rectifiers between them, which run as one function.
    sealed record DenseLayers(int[] Dense, double[] Rectifiers)
    {
        public int End => Dense[^1];
    }

    /// <summary>The layers in the order of application.</summary>
    public Sequential(params ILayer[] layers)
    {
        Layers = [.. layers];
        names = [.. Enumerable.Range(0, Layers.Length).Select(i => i.ToString())];
        chains = [.. Enumerable.Range(0, Layers.Length).Select(ChainFrom)];
    }

    /// <summary>The layers in the order of application.</summary>
    public ImmutableArray<ILayer> Layers { get; }

    /// <inheritdoc/>
    public bool MixesSamples => Layers.Any(layer => layer.MixesSamples);

    /// <inheritdoc/>
    public LayerState Init(RandomKey key, ScalarType dtype) =>
        LayerState.Join([.. Layers.Select((layer, i) => (names[i], layer.Init(key.Derive(i), dtype)))]);

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
            if (chains[i] is { } chain && IsChained(input))
            {
                var found = Apply(chain, weights, input, slopes: false);
                if (chain.End == Layers.Length - 1)
                    features = found.Features;
                input = found.Output;
                Array.Fill(after, ParameterTree.Empty, i, chain.End - i + 1);
                i = chain.End;
                continue;
            }
            (input, after[i]) = Layers[i].Apply(weights.Child(names[i]), before, input, mode, key.Derive(i));
            changed |= !ReferenceEquals(before, after[i]);
        }
        return new LayerOutput(input, changed ? buffers.With([.. after.SelectMany(child => child.ToArray())]) : buffers)
        {
            Features = features,
        };
    }

    /// <summary>Whether <see cref="ApplyWithSlopes"/> can be called: all layers are dense ones of rectifiers, and work on such inputs.</summary>
    internal bool HasSlopes(Tensor input) =>
        chains[0] is { } chain && chain.End == Layers.Length - 1 && IsChained(input);

    /// <summary>The output for [batch, inputs] of layers that end in one number, with the squared norms of its gradients.</summary>
    internal LayerOutput ApplyWithSlopes(LayerState state, Tensor input)
    {
        var found = Apply(chains[0]!, state.Weights, input, slopes: true);
        return new LayerOutput(found.Output, state.Buffers) { Features = found.Features, Slopes = found.Slopes };
    }

    static bool IsChained(Tensor input) => Gradient.Asked != DerivativeOrder.Higher && ChainFunction.Accepts(input);

    ChainResult Apply(DenseLayers chain, ParameterTree weights, Tensor input, bool slopes)
    {
        var tensors = new Tensor[1 + 2 * chain.Dense.Length];
        tensors[0] = input;
        for (var i = 0; i < chain.Dense.Length; i++)
        {
            var own = weights.Child(names[chain.Dense[i]]);
            (tensors[2 * i + 1], tensors[2 * i + 2]) = (own["weight"], own["bias"]);
        }
        ((Linear)Layers[chain.Dense[0]]).RequireInput(input, tensors[1]);
        return ChainFunction.Apply(tensors, chain.Rectifiers, slopes);
    }

    // The longest chain that begins with a layer; null where none of two dense layers does.
    DenseLayers? ChainFrom(int start)
    {
        var dense = new List<int>();
        var rectifiers = new List<double>();
        for (var i = start; i < Layers.Length && Layers[i] is Linear { Bias: true }; i++)
        {
            dense.Add(i);
            if (
                i + 2 >= Layers.Length
                || Layers[i + 2] is not Linear { Bias: true }
                || SlopeOf(Layers[i + 1]) is not { } slope
            )
                break;
            rectifiers.Add(slope);
            i++;
        }
        return dense.Count > 1 ? new DenseLayers([.. dense], [.. rectifiers]) : null;
    }

    static double? SlopeOf(ILayer layer) =>
        layer switch
        {
            Relu => 0,
            LeakyRelu { Slope: >= 0 } leaky => leaky.Slope,
            _ => null,
        };

    /// <inheritdoc/>
    public bool Equals(Sequential? other) => other is not null && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => Layers.Aggregate(0, HashCode.Combine);
}
