namespace Gan.Torch;

/// <summary>
/// Every ATen operator that Gan.Torch calls, once, with the schema it was written for. None draws from a random
/// generator: randomness is an argument here, see <see cref="Philox"/>.
/// </summary>
internal static class Operators
{
    // Creation
    public static readonly Operator Full = Operator.Bind(
        "aten::full(int[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor"
    );
    public static readonly Operator FullLike = Operator.Bind(
        "aten::full_like(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None) -> Tensor"
    );
    public static readonly Operator Arange = Operator.Bind(
        "aten::arange.start_step(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None) -> Tensor"
    );

    // Elementwise, of two tensors or a tensor and a number
    public static readonly Operator Add = Operator.Bind(
        "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor"
    );
    public static readonly Operator AddScalar = Operator.Bind(
        "aten::add.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor"
    );
    public static readonly Operator Subtract = Operator.Bind(
        "aten::sub.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor"
    );
    public static readonly Operator SubtractScalar = Operator.Bind(
        "aten::sub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor"
    );
    public static readonly Operator SubtractFrom = Operator.Bind(
        "aten::rsub.Scalar(Tensor self, Scalar other, Scalar alpha=1) -> Tensor"
    );
    public static readonly Operator Multiply = Operator.Bind("aten::mul.Tensor(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator MultiplyScalar = Operator.Bind(
        "aten::mul.Scalar(Tensor self, Scalar other) -> Tensor"
    );
    public static readonly Operator Divide = Operator.Bind("aten::div.Tensor(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator DivideScalar = Operator.Bind(
        "aten::div.Scalar(Tensor self, Scalar other) -> Tensor"
    );
    public static readonly Operator PowerScalar = Operator.Bind(
        "aten::pow.Tensor_Scalar(Tensor self, Scalar exponent) -> Tensor"
    );
    public static readonly Operator Maximum = Operator.Bind("aten::maximum(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator Minimum = Operator.Bind("aten::minimum(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator Where = Operator.Bind(
        "aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor"
    );
    public static readonly Operator Clamp = Operator.Bind(
        "aten::clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor"
    );
    public static readonly Operator MaskedFill = Operator.Bind(
        "aten::masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor"
    );

    // Comparison
    public static readonly Operator Equal = Operator.Bind("aten::eq.Tensor(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator EqualScalar = Operator.Bind("aten::eq.Scalar(Tensor self, Scalar other) -> Tensor");
    public static readonly Operator LessScalar = Operator.Bind("aten::lt.Scalar(Tensor self, Scalar other) -> Tensor");
    public static readonly Operator LessOrEqualScalar = Operator.Bind(
        "aten::le.Scalar(Tensor self, Scalar other) -> Tensor"
    );
    public static readonly Operator GreaterScalar = Operator.Bind(
        "aten::gt.Scalar(Tensor self, Scalar other) -> Tensor"
    );
    public static readonly Operator GreaterOrEqualScalar = Operator.Bind(
        "aten::ge.Scalar(Tensor self, Scalar other) -> Tensor"
    );
    public static readonly Operator IsFinite = Operator.Bind("aten::isfinite(Tensor self) -> Tensor");
    public static readonly Operator All = Operator.Bind("aten::all(Tensor self) -> Tensor");

    // Elementwise, of one tensor
    public static readonly Operator Negate = Operator.Bind("aten::neg(Tensor self) -> Tensor");
    public static readonly Operator Abs = Operator.Bind("aten::abs(Tensor self) -> Tensor");
    public static readonly Operator Sign = Operator.Bind("aten::sign(Tensor self) -> Tensor");
    public static readonly Operator Exp = Operator.Bind("aten::exp(Tensor self) -> Tensor");
    public static readonly Operator Log = Operator.Bind("aten::log(Tensor self) -> Tensor");
    public static readonly Operator Sqrt = Operator.Bind("aten::sqrt(Tensor self) -> Tensor");
    public static readonly Operator Rsqrt = Operator.Bind("aten::rsqrt(Tensor self) -> Tensor");
    public static readonly Operator Sin = Operator.Bind("aten::sin(Tensor self) -> Tensor");
    public static readonly Operator Cos = Operator.Bind("aten::cos(Tensor self) -> Tensor");
    public static readonly Operator Atan = Operator.Bind("aten::atan(Tensor self) -> Tensor");
    public static readonly Operator Round = Operator.Bind("aten::round(Tensor self) -> Tensor");
    public static readonly Operator Relu = Operator.Bind("aten::relu(Tensor self) -> Tensor");
    public static readonly Operator LeakyRelu = Operator.Bind(
        "aten::leaky_relu(Tensor self, Scalar negative_slope=0.01) -> Tensor"
    );
    public static readonly Operator Elu = Operator.Bind(
        "aten::elu(Tensor self, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor"
    );
    public static readonly Operator Silu = Operator.Bind("aten::silu(Tensor self) -> Tensor");
    public static readonly Operator Gelu = Operator.Bind(
        "aten::gelu(Tensor self, *, str approximate=\"none\") -> Tensor"
    );
    public static readonly Operator Sigmoid = Operator.Bind("aten::sigmoid(Tensor self) -> Tensor");
    public static readonly Operator Tanh = Operator.Bind("aten::tanh(Tensor self) -> Tensor");
    public static readonly Operator Softplus = Operator.Bind(
        "aten::softplus(Tensor self, Scalar beta=1, Scalar threshold=20) -> Tensor"
    );
    public static readonly Operator ToType = Operator.Bind(
        "aten::to.dtype(Tensor self, ScalarType dtype, bool non_blocking=False, bool copy=False) -> Tensor"
    );
    public static readonly Operator ToDevice = Operator.Bind(
        "aten::to.device(Tensor self, Device device, ScalarType dtype, bool non_blocking=False, bool copy=False) -> Tensor"
    );

    // Reductions
    public static readonly Operator Sum = Operator.Bind("aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor");
    public static readonly Operator SumDim = Operator.Bind(
        "aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor"
    );
    public static readonly Operator Mean = Operator.Bind(
        "aten::mean(Tensor self, *, ScalarType? dtype=None) -> Tensor"
    );
    public static readonly Operator MeanDim = Operator.Bind(
        "aten::mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor"
    );
    public static readonly Operator Amax = Operator.Bind(
        "aten::amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor"
    );
    public static readonly Operator Amin = Operator.Bind(
        "aten::amin(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor"
    );
    public static readonly Operator Argmin = Operator.Bind(
        "aten::argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor"
    );
    public static readonly Operator Argmax = Operator.Bind(
        "aten::argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor"
    );
    public static readonly Operator LogSumExp = Operator.Bind(
        "aten::logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor"
    );
    public static readonly Operator Sort = Operator.Bind(
        "aten::sort.stable(Tensor self, *, bool? stable, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)"
    );

    // Shape and choice
    public static readonly Operator View = Operator.Bind("aten::view(Tensor(a) self, int[] size) -> Tensor(a)");
    public static readonly Operator Reshape = Operator.Bind("aten::reshape(Tensor(a) self, int[] shape) -> Tensor(a)");
    public static readonly Operator Expand = Operator.Bind(
        "aten::expand(Tensor(a) self, int[] size, *, bool implicit=False) -> Tensor(a)"
    );
    public static readonly Operator Permute = Operator.Bind("aten::permute(Tensor(a) self, int[] dims) -> Tensor(a)");
    public static readonly Operator Transpose = Operator.Bind(
        "aten::transpose.int(Tensor(a) self, int dim0, int dim1) -> Tensor(a)"
    );
    public static readonly Operator Unsqueeze = Operator.Bind("aten::unsqueeze(Tensor(a) self, int dim) -> Tensor(a)");
    public static readonly Operator Squeeze = Operator.Bind("aten::squeeze.dim(Tensor(a) self, int dim) -> Tensor(a)");
    public static readonly Operator Narrow = Operator.Bind(
        "aten::narrow(Tensor(a) self, int dim, int start, int length) -> Tensor(a)"
    );
    public static readonly Operator Select = Operator.Bind(
        "aten::select.int(Tensor(a) self, int dim, int index) -> Tensor(a)"
    );
    public static readonly Operator IndexSelect = Operator.Bind(
        "aten::index_select(Tensor self, int dim, Tensor index) -> Tensor"
    );
    public static readonly Operator Gather = Operator.Bind(
        "aten::gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor"
    );
    public static readonly Operator Cat = Operator.Bind("aten::cat(Tensor[] tensors, int dim=0) -> Tensor");
    public static readonly Operator Stack = Operator.Bind("aten::stack(Tensor[] tensors, int dim=0) -> Tensor");
    public static readonly Operator Contiguous = Operator.Bind(
        "aten::contiguous(Tensor(a) self, *, MemoryFormat memory_format=contiguous_format) -> Tensor(a)"
    );
    public static readonly Operator Clone = Operator.Bind(
        "aten::clone(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor"
    );
    public static readonly Operator Detach = Operator.Bind("aten::detach(Tensor(a) self) -> Tensor(a)");

    // Linear algebra and convolution
    public static readonly Operator Eigenvalues = Operator.Bind("aten::linalg_eigvals(Tensor self) -> Tensor");
    public static readonly Operator Eigensystem = Operator.Bind(
        "aten::linalg_eig(Tensor self) -> (Tensor eigenvalues, Tensor eigenvectors)"
    );
    public static readonly Operator ViewAsReal = Operator.Bind("aten::view_as_real(Tensor(a) self) -> Tensor(a)");
    public static readonly Operator Matmul = Operator.Bind("aten::matmul(Tensor self, Tensor other) -> Tensor");
    public static readonly Operator Addmm = Operator.Bind(
        "aten::addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor"
    );
    public static readonly Operator Linear = Operator.Bind(
        "aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor"
    );
    public static readonly Operator Convolution = Operator.Bind(
        "aten::convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor"
    );
}
