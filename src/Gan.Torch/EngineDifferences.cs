using System.Runtime.InteropServices;
using static Gan.Torch.torch;

namespace Gan.Torch;

/// <summary>What Gan needs of an engine and TorchSharp does not have: the one place where the engines differ.</summary>
public static unsafe class EngineDifferences
{
    /// <summary>
    /// The gradients of a scalar; an input that it does not depend on gets zeros. With <paramref name="createGraph"/> they
    /// have a graph of their own; with <paramref name="keepGraph"/> that of the output can be gone through again.
    /// </summary>
    public static Tensor[] Gradients(Tensor output, Tensor[] inputs, bool createGraph, bool keepGraph = false)
    {
        var gradients = autograd.grad(
            [output],
            inputs,
            retain_graph: keepGraph,
            create_graph: createGraph,
            allow_unused: true
        );
        var filled = new Tensor[inputs.Length];
        for (var i = 0; i < filled.Length; i++)
            filled[i] = gradients[i] ?? zeros_like(inputs[i]);
        return filled;
    }

    /// <summary>For each tensor a new leaf of the same memory that gradients are wanted of, as <c>detach().requires_grad_()</c> makes one.</summary>
    public static Tensor[] Leaves(Tensor[] tensors)
    {
        var results = new nint[tensors.Length];
        fixed (nint* handles = Handles(tensors))
        fixed (nint* into = results)
            Native.Check(Native.gan_leaves(handles, tensors.Length, into), "leaves");
        GC.KeepAlive(tensors);
        return Wrap(results, 0, results.Length);
    }

    /// <summary>
    /// One Adam step over all tensors at once, each value read and written once. Returns parameters, first moments and
    /// second moments, in that order. With <paramref name="giveUp"/> the memory of the old ones is used again where
    /// nothing else can see it; the caller must not read them afterwards.
    /// </summary>
    public static (Tensor[] Parameters, Tensor[] First, Tensor[] Second) Adam(
        Tensor[] parameters,
        Tensor[] gradients,
        Tensor[] first,
        Tensor[] second,
        double rate,
        double beta1,
        double beta2,
        double epsilon,
        double decay,
        long step,
        bool giveUp
    )
    {
        var count = parameters.Length;
        var results = new nint[3 * count];
        fixed (nint* p = Handles(parameters))
        fixed (nint* g = Handles(gradients))
        fixed (nint* m = Handles(first))
        fixed (nint* v = Handles(second))
        fixed (nint* into = results)
            Native.Check(
                Native.gan_adam(
                    p,
                    g,
                    m,
                    v,
                    count,
                    rate,
                    beta1,
                    beta2,
                    epsilon,
                    decay,
                    1 - Math.Pow(beta1, step),
                    1 - Math.Pow(beta2, step),
                    giveUp ? 1 : 0,
                    into
                ),
                "Adam"
            );
        GC.KeepAlive(parameters);
        GC.KeepAlive(gradients);
        GC.KeepAlive(first);
        GC.KeepAlive(second);
        return (Wrap(results, 0, count), Wrap(results, count, count), Wrap(results, 2 * count, count));
    }

    /// <summary>average + (1 - decay) (value - average), tensor by tensor; <paramref name="giveUp"/> as in <see cref="Adam"/>.</summary>
    public static Tensor[] Average(Tensor[] averages, Tensor[] values, double decay, bool giveUp)
    {
        var results = new nint[averages.Length];
        fixed (nint* average = Handles(averages))
        fixed (nint* value = Handles(values))
        fixed (nint* into = results)
            Native.Check(
                Native.gan_average(average, value, averages.Length, decay, giveUp ? 1 : 0, into),
                "an exponential average"
            );
        GC.KeepAlive(averages);
        GC.KeepAlive(values);
        return Wrap(results, 0, results.Length);
    }

    /// <summary>The Euclidean norm of all tensors as one vector: a float64 tensor without dimensions, the same on any thread count.</summary>
    public static Tensor GlobalNorm(Tensor[] tensors)
    {
        nint result;
        fixed (nint* handles = Handles(tensors))
            Native.Check(Native.gan_global_norm(handles, tensors.Length, &result), "a global norm");
        GC.KeepAlive(tensors);
        return new Tensor(result);
    }

    /// <summary>
    /// act(x W^T + b), with act(v) = v where v is positive and slope v elsewhere: one function for autograd, in fewer
    /// passes over memory than its parts.
    /// </summary>
    /// <param name="x">[batch, inputs]</param>
    /// <param name="weight">[outputs, inputs]</param>
    /// <param name="bias">[outputs]</param>
    /// <param name="slope">At least 0: 0 is a rectifier, 1 leaves v as it is.</param>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor bias, double slope)
    {
        if (x.device.type != DeviceType.CPU)
        {
            var linear = nn.functional.linear(x, weight, bias);
            return slope == 1 ? linear : linear.leaky_relu(slope);
        }
        nint result;
        Native.Check(
            Native.gan_linear(x.Handle, weight.Handle, bias.Handle, slope, &result),
            $"a linear layer of {x}, {weight} and {bias}"
        );
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return new Tensor(result);
    }

    /// <summary>
    /// A transposed convolution, without dilation, groups or output padding. Where it has many outputs it runs as the
    /// gradient of a convolution, which libtorch does faster than the transposed one it has.
    /// </summary>
    /// <param name="x">[batch, inputs, …]</param>
    /// <param name="weight">[inputs, outputs, …]</param>
    /// <param name="bias">[outputs]</param>
    /// <param name="stride">One for each dimension.</param>
    /// <param name="padding">One for each dimension.</param>
    public static Tensor TransposedConvolution(Tensor x, Tensor weight, Tensor bias, long[] stride, long[] padding)
    {
        const int manyOutputs = 8;
        if (x.device.type != DeviceType.CPU || weight.size(1) < manyOutputs)
            return stride.Length == 1
                ? nn.functional.conv_transpose1d(x, weight, bias, stride[0], padding[0])
                : nn.functional.conv_transpose2d(x, weight, bias, stride, padding);
        nint result;
        fixed (long* strides = stride)
        fixed (long* paddings = padding)
            Native.Check(
                Native.gan_transposed_convolution(
                    x.Handle,
                    weight.Handle,
                    bias.Handle,
                    strides,
                    paddings,
                    stride.Length,
                    &result
                ),
                $"a transposed convolution of {x} by {weight}"
            );
        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(bias);
        return new Tensor(result);
    }

    /// <summary>[n, 2]: the eigenvalues of a real matrix of [n, n], real and imaginary parts.</summary>
    public static Tensor Eigenvalues(Tensor matrix) => Operators.ViewAsReal.Call(Operators.Eigenvalues.Call(matrix));

    /// <summary>[n, 2] and [n, n, 2]: the eigenvalues of a real matrix of [n, n], and its unit eigenvectors as columns.</summary>
    public static (Tensor Values, Tensor Vectors) EigenSystem(Tensor matrix)
    {
        var (values, vectors) = Operators.Eigensystem.CallPair(matrix);
        return (Operators.ViewAsReal.Call(values), Operators.ViewAsReal.Call(vectors));
    }

    /// <summary>Copies the elements out in row-major order.</summary>
    public static T[] ToArray<T>(Tensor tensor)
        where T : unmanaged => tensor.ToArray<T>();

    /// <summary>The elements as little-endian bytes in row-major order.</summary>
    public static byte[] ToBytes(Tensor tensor)
    {
        var bytes = new byte[tensor.numel() * tensor.dtype.ElementSize()];
        fixed (byte* into = bytes)
            Native.Check(Native.gan_to_data(tensor.Handle, into, bytes.LongLength), $"reading {tensor}");
        GC.KeepAlive(tensor);
        return bytes;
    }

    /// <summary>A tensor from its elements as little-endian bytes in row-major order.</summary>
    public static Tensor FromBytes(ReadOnlySpan<byte> bytes, long[] shape, ScalarType dtype) =>
        Tensor.FromData(bytes, shape, dtype);

    /// <summary>A second handle to the same tensor: while it lives, its memory is not used again.</summary>
    public static Tensor Share(Tensor tensor) => tensor.Share();

    /// <summary>Bounds the threads of libtorch and of its BLAS, which libtorch alone does not bound.</summary>
    public static void SetThreads(int threads)
    {
        if (threads < 1)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "At least one thread is needed.");
        Native.Check(Native.gan_set_threads(threads), "setting threads");
    }

    /// <summary>The threads that libtorch uses.</summary>
    public static int Threads => Native.gan_threads();

    /// <summary>Tensor handles that libtorch has given out and not got back.</summary>
    public static long LiveHandles => Native.gan_live_handles();

    /// <summary>What the libtorch found is and can do, as lines of "name: value".</summary>
    public static string Capabilities()
    {
        const int capacity = 4096;
        var text = stackalloc byte[capacity];
        Native.Check(Native.gan_capabilities(text, capacity), "capabilities");
        return Marshal.PtrToStringUTF8((nint)text)!.TrimEnd();
    }

    static nint[] Handles(Tensor[] tensors) => Array.ConvertAll(tensors, tensor => tensor.Handle);

    static Tensor[] Wrap(nint[] handles, int start, int count)
    {
        var tensors = new Tensor[count];
        for (var i = 0; i < count; i++)
            tensors[i] = new Tensor(handles[start + i]);
        return tensors;
    }
}
