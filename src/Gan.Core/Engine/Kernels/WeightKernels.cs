namespace Gan.Core;

/// <summary>The numbers of one step of Adam.</summary>
/// <param name="Adam">The numbers of its direction.</param>
/// <param name="LearningRate">What the direction is multiplied by.</param>
/// <param name="Decay">What the weights lose: decoupled weight decay times the learning rate.</param>
/// <param name="Step">The number of this step, from 1.</param>
internal sealed record AdamStep(AdamMoments Adam, double LearningRate, double Decay, long Step);

/// <summary>A player's weights after a step of Adam, and their moments.</summary>
internal sealed record AdamResult(Tensor[] Weights, Tensor[] First, Tensor[] Second);

/// <summary>
/// One pass over all tensors of a player: each number is read once and written once, into new memory. On the CPU they are
/// loops of vectors, with the same bits on every processor and any number of threads; elsewhere averages and norms are of
/// libtorch's operators.
/// </summary>
internal static unsafe class WeightKernels
{
    // Elements that one thread takes at a time: of whole vectors, so that ranges begin where memory is aligned.
    const long RangeLength = 16384;

    // Where results are larger than this they are written past the caches: nothing reads them before the next step.
    const long CachedBytes = 4 << 20;

    /// <summary>
    /// m' = b1 m + (1 - b1) g; v' = b2 v + (1 - b2) g^2;
    /// w' = (1 - decay) w - rate (m' / (1 - b1^t)) / (sqrt(v' / (1 - b2^t)) + epsilon).
    /// </summary>
    /// <exception cref="ArgumentException">Tensors of one weight differ in type or shape, or are not on the CPU.</exception>
    public static AdamResult Adam(Tensor[] weights, Tensor[] gradients, Tensor[] first, Tensor[] second, AdamStep step)
    {
        using var mode = no_grad();
        var result = new AdamResult(new Tensor[weights.Length], new Tensor[weights.Length], new Tensor[weights.Length]);
        var large = weights.Sum(weight => weight.numel() * weight.ElementSize) > CachedBytes;
        for (var i = 0; i < weights.Length; i++)
        {
            var (w, g, m, v) = (weights[i], gradients[i], first[i], second[i]);
            RequireLike(w, g, "gradient");
            RequireLike(w, m, "first moment");
            RequireLike(w, v, "second moment");
            (result.Weights[i], result.First[i], result.Second[i]) =
                w.dtype == ScalarType.Float32
                    ? AdamOf<float>(Rows(w), Rows(g), Rows(m), Rows(v), step, large)
                    : AdamOf<double>(Rows(w), Rows(g), Rows(m), Rows(v), step, large);
        }
        return result;
    }

    /// <summary>average + (1 - decay) (value - average), tensor by tensor.</summary>
    /// <exception cref="ArgumentException">A value is not of its average's type, shape or device.</exception>
    public static Tensor[] Average(Tensor[] averages, Tensor[] values, double decay)
    {
        using var mode = no_grad();
        var results = new Tensor[averages.Length];
        for (var i = 0; i < results.Length; i++)
        {
            var (average, value) = (averages[i], values[i]);
            RequireLike(average, value, "averaged value");
            results[i] =
                average.device_type != DeviceType.CPU ? average + (value - average) * (1 - decay)
                : average.dtype == ScalarType.Float32 ? AverageOf(Rows(average), Rows(value), (float)(1 - decay))
                : AverageOf(Rows(average), Rows(value), 1 - decay);
        }
        return results;
    }

    /// <summary>The Euclidean norm of all tensors taken as one vector: a float64 tensor without dimensions.</summary>
    public static Tensor Norm(Tensor[] tensors)
    {
        using var mode = no_grad();
        if (tensors.Any(tensor => tensor.device_type != DeviceType.CPU))
            return tensors
                .Select(tensor => tensor.to_type(ScalarType.Float64).square().sum())
                .Aggregate((a, b) => a + b)
                .sqrt();
        var total = tensors
            .Select(Rows)
            .Sum(x => x.dtype == ScalarType.Float32 ? SquaresOf<float>(x) : SquaresOf<double>(x));
        return torch.tensor(Math.Sqrt(total), ScalarType.Float64);
    }

    static (Tensor Weight, Tensor First, Tensor Second) AdamOf<T>(
        Tensor weight,
        Tensor gradient,
        Tensor first,
        Tensor second,
        AdamStep step,
        bool pastCaches
    )
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (weightOut, firstOut, secondOut) = (empty_like(weight), empty_like(weight), empty_like(weight));
        var (p, g, m, v) = (Address<T>(weight), Address<T>(gradient), Address<T>(first), Address<T>(second));
        var (pOut, mOut, vOut) = (Address<T>(weightOut), Address<T>(firstOut), Address<T>(secondOut));
        var (beta1, beta2) = (step.Adam.Beta1, step.Adam.Beta2);
        var (keep1, add1) = (T.CreateTruncating(beta1), T.CreateTruncating(1 - beta1));
        var (keep2, add2) = (T.CreateTruncating(beta2), T.CreateTruncating(1 - beta2));
        var rate = T.CreateTruncating(step.LearningRate / (1 - Math.Pow(beta1, step.Step)));
        var root = T.CreateTruncating(Math.Sqrt(1 - Math.Pow(beta2, step.Step)));
        var epsilon = T.CreateTruncating(step.Adam.Epsilon);
        var shrink = T.CreateTruncating(1 - step.Decay);
        ParallelRanges.Run(
            weight.numel(),
            RangeLength,
            (from, until) =>
            {
                var i = from;
                for (; i + Vector<T>.Count <= until; i += Vector<T>.Count)
                {
                    var slope = Vector.Load((T*)g + i);
                    var mean = keep1 * Vector.Load((T*)m + i) + add1 * slope;
                    var square = keep2 * Vector.Load((T*)v + i) + add2 * slope * slope;
                    var move = rate * mean / (Vector.SquareRoot(square) / new Vector<T>(root) + new Vector<T>(epsilon));
                    Write(mean, (T*)mOut + i, pastCaches);
                    Write(square, (T*)vOut + i, pastCaches);
                    Write(shrink * Vector.Load((T*)p + i) - move, (T*)pOut + i, pastCaches);
                }
                for (; i < until; i++)
                {
                    var slope = ((T*)g)[i];
                    var mean = keep1 * ((T*)m)[i] + add1 * slope;
                    var square = keep2 * ((T*)v)[i] + add2 * slope * slope;
                    ((T*)mOut)[i] = mean;
                    ((T*)vOut)[i] = square;
                    ((T*)pOut)[i] = shrink * ((T*)p)[i] - rate * mean / (T.Sqrt(square) / root + epsilon);
                }
            }
        );
        GC.KeepAlive(weight);
        GC.KeepAlive(gradient);
        GC.KeepAlive(first);
        GC.KeepAlive(second);
        return (weightOut, firstOut, secondOut);
    }

    static void Write<T>(Vector<T> values, T* to, bool pastCaches)
        where T : unmanaged
    {
        if (pastCaches)
            values.StoreAlignedNonTemporal(to);
        else
            values.Store(to);
    }

    static Tensor AverageOf<T>(Tensor average, Tensor value, T add)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var result = empty_like(average);
        var (a, x, into) = (Address<T>(average), Address<T>(value), Address<T>(result));
        ParallelRanges.Run(
            average.numel(),
            RangeLength,
            (from, until) =>
            {
                var i = from;
                for (; i + Vector<T>.Count <= until; i += Vector<T>.Count)
                {
                    var before = Vector.Load((T*)a + i);
                    (before + add * (Vector.Load((T*)x + i) - before)).Store((T*)into + i);
                }
                for (; i < until; i++)
                    ((T*)into)[i] = ((T*)a)[i] + add * (((T*)x)[i] - ((T*)a)[i]);
            }
        );
        GC.KeepAlive(average);
        GC.KeepAlive(value);
        return result;
    }

    // Ranges of a fixed length are each summed on sixteen lanes, and then added in their order.
    static double SquaresOf<T>(Tensor tensor)
        where T : unmanaged, INumber<T>
    {
        const int lanes = 16;
        var x = Address<T>(tensor);
        var sums = new double[(tensor.numel() + RangeLength - 1) / RangeLength];
        ParallelRanges.Run(
            tensor.numel(),
            RangeLength,
            (from, until) =>
            {
                Span<double> lane = stackalloc double[lanes];
                lane.Clear();
                var i = from;
                for (; i + lanes <= until; i += lanes)
                for (var j = 0; j < lanes; j++)
                {
                    var value = double.CreateTruncating(((T*)x)[i + j]);
                    lane[j] += value * value;
                }
                for (; i < until; i++)
                    lane[0] += double.CreateTruncating(((T*)x)[i]) * double.CreateTruncating(((T*)x)[i]);
                double sum = 0;
                foreach (var part in lane)
                    sum += part;
                sums[from / RangeLength] = sum;
            }
        );
        GC.KeepAlive(tensor);
        return sums.Sum();
    }

    // Lambdas hold no pointers.
    static nint Address<T>(Tensor tensor)
        where T : unmanaged => (nint)TensorData.Pointer<T>(tensor);

    static Tensor Rows(Tensor tensor) => tensor.is_contiguous() ? tensor : tensor.contiguous();

    static void RequireLike(Tensor weight, Tensor tensor, string what)
    {
        if (weight.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"A weight must be Float32 or Float64; got {weight.Describe()}.");
        if (tensor.dtype != weight.dtype || tensor.device_type != weight.device_type || !tensor.HasShapeOf(weight))
            throw new ArgumentException($"The {what} is {tensor.Describe()}, but its weight is {weight.Describe()}.");
    }
}
