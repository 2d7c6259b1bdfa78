using System.Numerics;

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
/// <remarks>
/// Matrices are addresses, by layer: <c>h[i]</c> and <c>v[i]</c> are [Rows, Widths[i]], <c>w[i]</c> is [Widths[i],
/// Widths[i-1]], <c>b[i]</c> is [Widths[i]]; 0 stands for one that is not wanted, or not there.
/// </remarks>
internal sealed unsafe record RectifierChain<T>(int Rows, int[] Widths, double[] Slopes)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    int Layers => Widths.Length - 1;

    /// <summary>h[1] .. h[L] from h[0].</summary>
    public void Forward(nint[] h, nint[] w, nint[] b)
    {
        for (var i = 1; i <= Layers; i++)
        {
            var (to, bias, width) = (h[i], b[i], Widths[i]);
            var slope = i == Layers ? T.One : SlopeOf(i);
            Gemm.Multiply(
                (T*)h[i - 1],
                false,
                (T*)w[i],
                true,
                (T*)to,
                Rows,
                Widths[i - 1],
                width,
                (row, rows, column, columns) =>
                    Rectifiers.Apply(
                        (T*)to + (long)row * width + column,
                        width,
                        rows,
                        columns,
                        (T*)bias + column,
                        slope
                    )
            );
        }
    }

    /// <summary>The gradients of a scalar with respect to x, weights and biases, from that with respect to y.</summary>
    public void Backward(nint[] h, nint[] w, nint ofOutput, nint ofInput, nint[] ofWeights, nint[] ofBiases)
    {
        long widest = Widths.Max();
        using var memory = new ChainMemory(sizeof(T), Rows * widest, Rows * widest);
        var delta = ofOutput;
        for (var i = Layers; i >= 1; i--)
        {
            if (ofWeights[i] != 0)
            {
                Gemm.Multiply(
                    (T*)delta,
                    true,
                    (T*)h[i - 1],
                    false,
                    (T*)ofWeights[i],
                    Widths[i],
                    Rows,
                    Widths[i - 1],
                    null
                );
                Rectifiers.SumRows((T*)delta, null, (T*)ofBiases[i], Rows, Widths[i]);
            }
            var before = i == 1 ? ofInput : memory[i % 2];
            if (before != 0)
                Back(delta, w, before, h, i);
            delta = before;
        }
    }

    /// <summary>
    /// For one output, the gradient of y with respect to each point, g of [Rows, Widths[0]], by way of those with respect to
    /// the layers before their rectifiers, v[1] .. v[L-1].
    /// </summary>
    public void Differentiate(nint[] h, nint[] w, nint[] v, nint g)
    {
        Rectifiers.Spread(
            (T*)w[Layers],
            (T*)h[Layers - 1],
            (T*)v[Layers - 1],
            Rows,
            Widths[Layers - 1],
            SlopeOf(Layers - 1)
        );
        for (var i = Layers - 1; i >= 1; i--)
            Back(v[i], w, i == 1 ? g : v[i - 1], h, i);
    }

    /// <summary>
    /// For one output, the gradients of a scalar with respect to x, weights and biases, from that with respect to y and that
    /// with respect to s = |g|^2, each [Rows]; those with respect to g's own rectifiers are zero almost everywhere.
    /// </summary>
    /// <remarks>
    /// With u_0 = 2 ds g and u_i = r_i'(u_{i-1} W_i^T): dW_i = v_i^T (u_{i-1} + dy h_{i-1}), with v_L = 1; db_i = v_i^T dy;
    /// dx = dy g.
    /// </remarks>
    public void BackwardWithSlopes(
        nint[] h,
        nint[] w,
        nint[] v,
        nint g,
        nint ofOutput,
        nint ofSlopes,
        nint ofInput,
        nint[] ofWeights,
        nint[] ofBiases
    )
    {
        long widest = Widths.Max();
        using var memory = new ChainMemory(sizeof(T), Rows * widest, Rows * widest, Rows * widest, Rows);
        if (ofInput != 0)
            Scale(g, ofOutput, 0, ofInput, Widths[0]);
        if (Array.TrueForAll(ofWeights, address => address == 0))
            return;
        nint u = 0;
        if (ofSlopes != 0)
        {
            u = memory[0];
            for (var row = 0; row < Rows; row++)
                ((T*)memory[3])[row] = ((T*)ofSlopes)[row] * (T.One + T.One);
            Scale(g, memory[3], 0, u, Widths[0]);
        }
        for (var i = 1; i <= Layers; i++)
        {
            var width = Widths[i - 1];
            var right = u;
            if (ofOutput != 0)
            {
                right = memory[2];
                Scale(h[i - 1], ofOutput, u, right, width);
            }
            if (ofWeights[i] != 0 && i == Layers)
            {
                Rectifiers.SumRows((T*)right, null, (T*)ofWeights[i], Rows, width);
                Sum(ofOutput, 0, ofBiases[i], 1);
            }
            else if (ofWeights[i] != 0)
            {
                Gemm.Multiply((T*)v[i], true, (T*)right, false, (T*)ofWeights[i], Widths[i], Rows, width, null);
                Sum(v[i], ofOutput, ofBiases[i], Widths[i]);
            }
            if (u == 0 || i == Layers)
                continue;
            var next = memory[i % 2];
            Gemm.Multiply((T*)u, false, (T*)w[i], true, (T*)next, Rows, width, Widths[i], ThroughRectifier(next, h, i));
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
    public void SquaredNorms(nint g, nint s) => Rectifiers.SumSquares((T*)g, (T*)s, Rows, Widths[0]);

    // From layer i to the one before it, and there through its rectifier: to = r'(from W_i).
    void Back(nint from, nint[] w, nint to, nint[] h, int i)
    {
        var finish = i > 1 ? ThroughRectifier(to, h, i - 1) : null;
        Gemm.Multiply((T*)from, false, (T*)w[i], false, (T*)to, Rows, Widths[i], Widths[i - 1], finish);
    }

    // Multiplies what a product has given by the derivative of a layer's rectifier.
    Gemm.Finish ThroughRectifier(nint values, nint[] h, int layer)
    {
        var (known, width, slope) = (h[layer], Widths[layer], SlopeOf(layer));
        return (row, rows, column, columns) =>
        {
            var start = (long)row * width + column;
            Rectifiers.Differentiate((T*)values + start, (T*)known + start, width, rows, columns, slope);
        };
    }

    T SlopeOf(int layer) => T.CreateTruncating(Slopes[layer - 1]);
}
