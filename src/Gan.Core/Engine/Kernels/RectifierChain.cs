namespace Gan.Core;

/// <summary>
/// Dense layers with rectifiers between them: h_i = r_i(h_{i-1} W_i^T + b_i) from h_0 = x to y = h_L, the last without a
/// rectifier. Forward and back as loops over memory, in fewer passes than libtorch's operators make.
/// </summary>
/// <param name="Rows">The number of points.</param>
/// <param name="Widths">The sizes from the inputs to the outputs.</param>
/// <param name="Slopes">
/// Each rectifier's slope below zero, at least 0, one fewer than there are layers. At zero the derivative is the slope, as
/// libtorch's is.
/// </param>
/// <param name="H">h_0 .. h_L, each of [Rows, Widths[i]].</param>
/// <param name="W">W_1 .. W_L, each of [Widths[i], Widths[i-1]].</param>
/// <param name="V">
/// For one output, y's gradient with respect to each point, g of [Rows, Widths[0]], and those with respect to the
/// layers before their rectifiers, v_1 .. v_{L-1}, each of [Rows, Widths[i]]; empty where y's slopes are not wanted.
/// </param>
/// <remarks>
/// Matrices are addresses, by layer; biases are of [Widths[i]]. 0 stands for one that is not wanted, or not there.
/// </remarks>
internal sealed unsafe record RectifierChain<T>(int Rows, int[] Widths, double[] Slopes, nint[] H, nint[] W, nint[] V)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    int Layers => Widths.Length - 1;

    /// <summary>h_1 .. h_L from h_0.</summary>
    public void Forward(nint[] b)
    {
        for (var i = 1; i <= Layers; i++)
            Ahead(H[i - 1], H[i], i, Rectify(H[i], b[i], Widths[i], i == Layers ? T.One : SlopeOf(i)));
    }

    /// <summary>The gradients of a scalar with respect to x, weights and biases, from that with respect to y.</summary>
    public void Backward(nint ofOutput, nint ofInput, nint[] ofWeights, nint[] ofBiases)
    {
        long widest = Widths.Max();
        using var memory = new ChainMemory(sizeof(T), Rows * widest, Rows * widest);
        var delta = ofOutput;
        for (var i = Layers; i >= 1; i--)
        {
            if (ofWeights[i] != 0)
            {
                OfWeights(delta, H[i - 1], ofWeights[i], i);
                Rectifiers.SumRows((T*)delta, null, (T*)ofBiases[i], Rows, Widths[i]);
            }
            var before = i == 1 ? ofInput : memory[i % 2];
            if (before != 0)
                Back(delta, before, i);
            delta = before;
        }
    }

    /// <summary>For one output, v_{L-1} .. v_1 and g.</summary>
    public void Differentiate()
    {
        var last = Layers - 1;
        Rectifiers.Spread((T*)W[Layers], (T*)H[last], (T*)V[last], Rows, Widths[last], SlopeOf(last));
        for (var i = last; i >= 1; i--)
            Back(V[i], V[i - 1], i);
    }

    /// <summary>
    /// For one output, the gradients of a scalar with respect to x, weights and biases, from that with respect to y and that
    /// with respect to s = |g|^2, each [Rows]; those with respect to g's own rectifiers are zero almost everywhere.
    /// </summary>
    /// <remarks>
    /// With u_0 = 2 ds g and u_i = r_i'(u_{i-1} W_i^T): dW_i = v_i^T (u_{i-1} + dy h_{i-1}), with v_L = 1; db_i = v_i^T dy;
    /// dx = dy g.
    /// </remarks>
    public void BackwardWithSlopes(nint ofOutput, nint ofSlopes, nint ofInput, nint[] ofWeights, nint[] ofBiases)
    {
        long widest = Widths.Max();
        using var memory = new ChainMemory(sizeof(T), Rows * widest, Rows * widest, Rows * widest, Rows);
        if (ofInput != 0)
            Scale(V[0], ofOutput, 0, ofInput, Widths[0]);
        if (Array.TrueForAll(ofWeights, address => address == 0))
            return;
        nint u = 0;
        if (ofSlopes != 0)
        {
            u = memory[0];
            for (var row = 0; row < Rows; row++)
                ((T*)memory[3])[row] = ((T*)ofSlopes)[row] * (T.One + T.One);
            Scale(V[0], memory[3], 0, u, Widths[0]);
        }
        for (var i = 1; i <= Layers; i++)
        {
            var width = Widths[i - 1];
            var right = u;
            if (ofOutput != 0)
            {
                right = memory[2];
                Scale(H[i - 1], ofOutput, u, right, width);
            }
            if (ofWeights[i] != 0 && i == Layers)
            {
                Rectifiers.SumRows((T*)right, null, (T*)ofWeights[i], Rows, width);
                Sum(ofOutput, 0, ofBiases[i], 1);
            }
            else if (ofWeights[i] != 0)
            {
                OfWeights(V[i], right, ofWeights[i], i);
                Sum(V[i], ofOutput, ofBiases[i], Widths[i]);
            }
            if (u == 0 || i == Layers)
                continue;
            var next = memory[i % 2];
            Ahead(u, next, i, ThroughRectifier(next, i));
            u = next;
        }

        void Sum(nint values, nint weights, nint to, int columns)
        {
            if (ofOutput == 0)
                new Span<T>((T*)to, columns).Clear();
            else
                Rectifiers.SumRows((T*)values, (T*)weights, (T*)to, Rows, columns);
        }

        void Scale(nint from, nint scale, nint add, nint to, int columns)
        {
            if (scale == 0)
                new Span<T>((T*)to, Rows * columns).Clear();
            else
                Rectifiers.ScaleRows((T*)from, (T*)scale, (T*)add, (T*)to, Rows, columns);
        }
    }

    /// <summary>s = |g|^2, point by point.</summary>
    public void SquaredNorms(nint s) => Rectifiers.SumSquares((T*)V[0], (T*)s, Rows, Widths[0]);

    // From the layer before it to layer i: to = from W_i^T, finished.
    void Ahead(nint from, nint to, int i, Gemm.Finish finish) =>
        Gemm.Multiply(At(from, i - 1), At(W[i], i - 1).Transposed, At(to, i), Rows, Widths[i - 1], Widths[i], finish);

    // From layer i to the one before it, and there through its rectifier: to = r'(from W_i).
    void Back(nint from, nint to, int i)
    {
        var finish = i > 1 ? ThroughRectifier(to, i - 1) : null;
        Gemm.Multiply(At(from, i), At(W[i], i - 1), At(to, i - 1), Rows, Widths[i], Widths[i - 1], finish);
    }

    // The gradient with respect to W_i: to = left^T right.
    void OfWeights(nint left, nint right, nint to, int i) =>
        Gemm.Multiply(At(left, i).Transposed, At(right, i - 1), At(to, i - 1), Widths[i], Rows, Widths[i - 1], null);

    // A matrix whose rows are as long as a layer is wide.
    Strided<T> At(nint address, int layer) => new((T*)address, Widths[layer], 1);

    // Adds a bias to what a product has given, and rectifies it.
    static Gemm.Finish Rectify(nint to, nint bias, int width, T slope) =>
        (row, rows, column, columns) =>
            Rectifiers.Apply((T*)to + (long)row * width + column, width, rows, columns, (T*)bias + column, slope);

    // Multiplies what a product has given by the derivative of a layer's rectifier.
    Gemm.Finish ThroughRectifier(nint values, int layer)
    {
        var (known, width, slope) = (H[layer], Widths[layer], SlopeOf(layer));
        return (row, rows, column, columns) =>
        {
            var start = (long)row * width + column;
            Rectifiers.Differentiate((T*)values + start, (T*)known + start, width, rows, columns, slope);
        };
    }

    T SlopeOf(int layer) => T.CreateTruncating(Slopes[layer - 1]);
}
