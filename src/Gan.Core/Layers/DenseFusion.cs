namespace Gan.Core;

/// <summary>
/// A pass over layers in sequence: runs of dense layers with rectifiers between them, which are applied as one function of
/// all their weights. The numbers are those of the layers one by one, up to rounding; states and paths are the same.
/// </summary>
internal sealed record DenseFusion
{
    readonly int[] dense;
    readonly double[] slopes;

    DenseFusion(int[] dense, double[] slopes) => (this.dense, this.slopes) = (dense, slopes);

    /// <summary>The last layer of the run.</summary>
    public int End => dense[^1];

    /// <summary>The longest run that begins with each layer; null where none of two dense layers does.</summary>
    public static DenseFusion?[] Find(IReadOnlyList<ILayer> layers) =>
        [.. Enumerable.Range(0, layers.Count).Select(start => From(layers, start))];

    /// <summary>Whether the function works on such inputs, and has the derivatives that are asked for.</summary>
    public static bool Accepts(Tensor input) =>
        Gradient.Asked != DerivativeOrder.Higher && ChainFunction.Accepts(input);

    /// <summary>The output of the run, with the squared norms of its gradients where they are wanted.</summary>
    public ChainResult Apply(
        IReadOnlyList<ILayer> layers,
        string[] names,
        ParameterTree weights,
        Tensor input,
        bool norms
    )
    {
        var tensors = new Tensor[1 + 2 * dense.Length];
        tensors[0] = input;
        for (var i = 0; i < dense.Length; i++)
        {
            var own = weights.Child(names[dense[i]]);
            (tensors[2 * i + 1], tensors[2 * i + 2]) = (own["weight"], own["bias"]);
        }
        ((Linear)layers[dense[0]]).RequireInput(input, tensors[1]);
        return ChainFunction.Apply(tensors, slopes, norms);
    }

    static DenseFusion? From(IReadOnlyList<ILayer> layers, int start)
    {
        var dense = new List<int>();
        var slopes = new List<double>();
        for (var i = start; i < layers.Count && layers[i] is Linear { Bias: true }; i += 2)
        {
            dense.Add(i);
            if (
                i + 2 >= layers.Count
                || layers[i + 2] is not Linear { Bias: true }
                || SlopeOf(layers[i + 1]) is not { } slope
            )
                break;
            slopes.Add(slope);
        }
        return dense.Count > 1 ? new DenseFusion([.. dense], [.. slopes]) : null;
    }

    static double? SlopeOf(ILayer layer) =>
        layer switch
        {
            Relu => 0,
            LeakyRelu { Slope: >= 0 } leaky => leaky.Slope,
            _ => null,
        };
}
