namespace Gan.Torch;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Operators.Sum.Call(this, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Operators.SumDim.Call(this, dim, keepdim, type);

        public Tensor mean() => Operators.Mean.Call(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Operators.MeanDim.Call(this, dimensions, keepdim, type);

        public Tensor amax(long[] dims, bool keepdim = false) => Operators.Amax.Call(this, dims, keepdim);

        public Tensor amin(long[] dims, bool keepdim = false) => Operators.Amin.Call(this, dims, keepdim);

        public Tensor argmax(long dim, bool keepdim = false) => Operators.Argmax.Call(this, dim, keepdim);

        public Tensor argmin(long dim, bool keepdim = false) => Operators.Argmin.Call(this, dim, keepdim);

        public Tensor logsumexp(long dim, bool keepdim = false) =>
            Operators.LogSumExp.Call(this, new[] { dim }, keepdim);
    }

    public static Tensor mean(Tensor input) => input.mean();

    public static Tensor sum(Tensor input) => input.sum();

    /// <summary>Sorts stably along a dimension; equal elements keep their order, so the result is one.</summary>
    public static (Tensor Values, Tensor Indices) sort(
        Tensor input,
        long dim = -1,
        bool descending = false,
        bool stable = true
    ) => Operators.Sort.CallPair(input, stable, dim, descending);
}
