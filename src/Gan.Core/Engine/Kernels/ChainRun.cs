namespace Gan.Core;

/// <summary>One application of a chain of dense layers: forward, and later back.</summary>
/// <remarks>Tensors are x of [batch, inputs], then the weight and the bias of each layer, from the first.</remarks>
internal sealed unsafe class ChainRun(Tensor[] tensors, double[] rectifiers, bool slopes)
{
    readonly int rows = (int)tensors[0].size(0);
    readonly ScalarType dtype = tensors[0].dtype;
    readonly bool[] wanted = Array.ConvertAll(tensors, tensor => tensor.requires_grad);
    readonly int[] widths =
    [
        (int)tensors[0].size(1),
        .. Enumerable.Range(1, tensors.Length / 2).Select(i => (int)tensors[2 * i - 1].size(0)),
    ];

    // What the way back reads: the layers after their rectifiers but the last two, and what slopes are made of.
    ChainMemory? memory;
    Tensor? features;

    /// <summary>The number of tensors that a chain is a function of.</summary>
    public int Tensors => wanted.Length;

    int Layers => widths.Length - 1;

    /// <summary>y, what the last layer was given, and y's slopes where they are wanted.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="keep">Whether the way back will be gone.</param>
    public List<Tensor> Forward(Tensor[] tensors, bool keep) =>
        dtype == ScalarType.Float32 ? Forward<float>(tensors, keep) : Forward<double>(tensors, keep);

    /// <summary>
    /// The gradients with respect to the tensors, from those with respect to what <see cref="Forward"/> gave, which are
    /// without a handle where nothing depends on it; null where none is wanted.
    /// </summary>
    public Tensor?[] Backward(Tensor[] tensors, IReadOnlyList<Tensor> gradients)
    {
        if (memory is null || is_grad_enabled() || !gradients[1].IsInvalid)
            return Recompute(tensors, gradients);
        var result =
            dtype == ScalarType.Float32 ? Backward<float>(tensors, gradients) : Backward<double>(tensors, gradients);
        memory.Dispose();
        memory = null;
        features!.Dispose();
        return result;
    }

    List<Tensor> Forward<T>(Tensor[] tensors, bool keep)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var lines = new ContiguousTensors<T>(tensors);
        var (output, last) = (Empty(widths[^1]), Empty(widths[^2]));
        // h_1 .. h_{L-2}; with slopes then g, v_1 .. v_{L-1}.
        int[] kept = [.. widths[1..^2], .. slopes ? widths[..^1] : []];
        var held = new ChainMemory(sizeof(T), [.. kept.Select(width => (long)rows * width)]);
        var chain = ChainOf(lines, held, last);
        chain.H[Layers] = (nint)TensorData.Pointer<T>(output);
        chain.Forward(lines.Biases);
        List<Tensor> results = [output, last];
        if (slopes)
        {
            var ofPoints = empty([rows], dtype);
            chain.Differentiate();
            chain.SquaredNorms((nint)TensorData.Pointer<T>(ofPoints));
            results.Add(ofPoints);
        }
        if (keep)
            // A tensor of its own: one that is a result would hold the graph that holds it.
            (memory, features) = (held, last.detach().DetachFromDisposeScope());
        else
            held.Dispose();
        return results;

        Tensor Empty(int width) => empty([rows, width], dtype);
    }

    Tensor?[] Backward<T>(Tensor[] tensors, IReadOnlyList<Tensor> gradients)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var lines = new ContiguousTensors<T>(tensors);
        using var given = new ContiguousTensors<T>([.. gradients.Where(gradient => !gradient.IsInvalid)]);
        var ofOutput = gradients[0].IsInvalid ? 0 : given.Addresses[0];
        var ofSlopes = !slopes || gradients[2].IsInvalid ? 0 : given.Addresses[^1];
        var results = new Tensor?[Tensors];
        var (ofWeights, ofBiases) = (new nint[Layers + 1], new nint[Layers + 1]);
        var ofInput = wanted[0] ? Make(0) : 0;
        for (var i = 1; i <= Layers; i++)
            if (wanted[2 * i - 1] || wanted[2 * i])
                (ofWeights[i], ofBiases[i]) = (Make(2 * i - 1), Make(2 * i));
        var chain = ChainOf(lines, memory!, features!);
        if (slopes)
            chain.BackwardWithSlopes(ofOutput, ofSlopes, ofInput, ofWeights, ofBiases);
        else
            chain.Backward(ofOutput, ofInput, ofWeights, ofBiases);
        GC.KeepAlive(results);
        return results;

        nint Make(int index)
        {
            results[index] = empty_like(tensors[index]);
            return (nint)TensorData.Pointer<T>(results[index]!);
        }
    }

    // Of libtorch's operators, so that gradients have gradients, to any order.
    Tensor?[] Recompute(Tensor[] tensors, IReadOnlyList<Tensor> gradients)
    {
        var createGraph = is_grad_enabled();
        using var mode = enable_grad();
        // Slopes are gradients with respect to x, whether a gradient of them is wanted or not.
        int[] indices = [.. Enumerable.Range(0, Tensors).Where(i => wanted[i] || i == 0)];
        // Leaves of their own: the gradients that are given may be functions of the tensors, and stand for numbers here.
        var leaves = Array.ConvertAll(indices, i => Gradient.Leaf(zeros_like(tensors[i])));
        var at = tensors.ToArray();
        for (var i = 0; i < indices.Length; i++)
            at[indices[i]] = tensors[indices[i]] + leaves[i];
        var h = at[0];
        var last = h;
        for (var i = 1; i <= Layers; i++)
        {
            last = h;
            h = nn.functional.linear(h, at[2 * i - 1], at[2 * i]);
            if (i < Layers)
                h = rectifiers[i - 1] == 0 ? h.relu() : h.leaky_relu(rectifiers[i - 1]);
        }
        var terms = new List<Tensor>();
        Weigh(h, gradients[0]);
        Weigh(last, gradients[1]);
        if (slopes && !gradients[2].IsInvalid)
            Weigh(Gradient.Of(h.sum(), [leaves[0]], createGraph: true)[0].square().sum([1]), gradients[2]);
        var found = Gradient.Of(terms.Aggregate((a, b) => a + b), leaves, createGraph);
        var results = new Tensor?[Tensors];
        for (var i = 0; i < indices.Length; i++)
            if (wanted[indices[i]])
                results[indices[i]] = found[i];
        return results;

        void Weigh(Tensor value, Tensor gradient)
        {
            if (!gradient.IsInvalid)
                terms.Add((value * gradient).sum());
        }
    }

    // The chain of h_0 .. h_{L-1} and a place for h_L; with slopes of g, v_1 .. v_{L-1}.
    RectifierChain<T> ChainOf<T>(ContiguousTensors<T> lines, ChainMemory memory, Tensor last)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var h = new nint[Layers + 1];
        h[0] = lines.Addresses[0];
        for (var i = 1; i < Layers - 1; i++)
            h[i] = memory[i - 1];
        h[Layers - 1] = (nint)TensorData.Pointer<T>(last);
        nint[] v = slopes ? [.. Enumerable.Range(Layers - 2, Layers).Select(i => memory[i])] : [];
        return new RectifierChain<T>(rows, widths, rectifiers, h, lines.Weights, v);
    }
}

/// <summary>Tensors as matrices in memory, copied where they are not; they are held until this is disposed.</summary>
internal sealed unsafe class ContiguousTensors<T> : IDisposable
    where T : unmanaged
{
    readonly Tensor[] tensors;

    public ContiguousTensors(IReadOnlyList<Tensor> tensors)
    {
        this.tensors = [.. tensors.Select(tensor => tensor.is_contiguous() ? tensor : tensor.contiguous())];
        Addresses = Array.ConvertAll(this.tensors, tensor => (nint)TensorData.Pointer<T>(tensor));
    }

    /// <summary>The addresses, in order.</summary>
    public nint[] Addresses { get; }

    /// <summary>Those of a chain's weights, by layer from 1.</summary>
    public nint[] Weights => [0, .. Addresses.Where((_, i) => i % 2 == 1)];

    /// <summary>Those of a chain's biases, by layer from 1.</summary>
    public nint[] Biases => [0, .. Addresses.Where((_, i) => i > 0 && i % 2 == 0)];

    /// <inheritdoc/>
    public void Dispose() => GC.KeepAlive(tensors);
}
