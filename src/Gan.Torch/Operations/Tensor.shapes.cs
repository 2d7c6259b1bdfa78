namespace Gan.Torch;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor view(params long[] shape) => Operators.View.Call(this, shape);

        public Tensor reshape(params long[] shape) => Operators.Reshape.Call(this, shape);

        /// <summary>Makes one dimension of all from <paramref name="start_dim"/> on.</summary>
        public Tensor flatten(long start_dim = 0)
        {
            var sizes = shape;
            return reshape([.. sizes[..(int)start_dim], sizes[(int)start_dim..].Aggregate(1L, (a, b) => a * b)]);
        }

        public Tensor expand(params long[] sizes) => Operators.Expand.Call(this, sizes);

        public Tensor permute(params long[] permutation) => Operators.Permute.Call(this, permutation);

        public Tensor transpose(long dim0, long dim1) => Operators.Transpose.Call(this, dim0, dim1);

        public Tensor t() => transpose(0, 1);

        public Tensor unsqueeze(long dim) => Operators.Unsqueeze.Call(this, dim);

        public Tensor squeeze(long dim) => Operators.Squeeze.Call(this, dim);

        public Tensor narrow(long dim, long start, long length) => Operators.Narrow.Call(this, dim, start, length);

        public Tensor select(long dim, long index) => Operators.Select.Call(this, dim, index);

        public Tensor index_select(long dim, Tensor index) => Operators.IndexSelect.Call(this, dim, index);

        public Tensor gather(long dim, Tensor index) => Operators.Gather.Call(this, dim, index);

        public Tensor contiguous() => Operators.Contiguous.Call(this);

        public Tensor clone() => Operators.Clone.Call(this);

        public Tensor detach() => Operators.Detach.Call(this);

        public Tensor matmul(Tensor target) => Operators.Matmul.Call(this, target);
    }

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Operators.Cat.Call(tensors, dim);

    public static Tensor stack(Tensor[] tensors, long dim = 0) => Operators.Stack.Call(tensors, dim);

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);
}
