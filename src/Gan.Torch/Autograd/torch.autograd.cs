namespace Gan.Torch;

public static partial class torch
{
    public static unsafe class autograd
    {
        /// <summary>The gradients of the outputs with respect to the inputs.</summary>
        /// <exception cref="TorchException">An input is unused and <paramref name="allow_unused"/> is false.</exception>
        public static IList<Tensor> grad(
            IList<Tensor> outputs,
            IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null,
            bool retain_graph = false,
            bool create_graph = false,
            bool allow_unused = false
        )
        {
            var roots = stackalloc nint[outputs.Count];
            var leaves = new nint[inputs.Count];
            var seeds = stackalloc nint[outputs.Count];
            var results = new nint[inputs.Count];
            for (var i = 0; i < outputs.Count; i++)
            {
                roots[i] = outputs[i].Handle;
                seeds[i] = grad_outputs is null ? 0 : grad_outputs[i].Handle;
            }
            for (var i = 0; i < inputs.Count; i++)
                leaves[i] = inputs[i].Handle;
            fixed (nint* leaf = leaves)
            fixed (nint* result = results)
                Native.Check(
                    Native.gan_grad(
                        roots,
                        outputs.Count,
                        leaf,
                        inputs.Count,
                        grad_outputs is null ? null : seeds,
                        retain_graph || create_graph ? 1 : 0,
                        create_graph ? 1 : 0,
                        allow_unused ? 1 : 0,
                        result
                    ),
                    $"the gradient of {string.Join(", ", outputs)}"
                );
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, handle => handle == 0 ? null! : new Tensor(handle));
        }
    }

    /// <summary>Until it is disposed, operations on this thread record no graph.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static bool is_grad_enabled() => Native.gan_grad_enabled() != 0;

    sealed class GradMode : IDisposable
    {
        readonly bool before = is_grad_enabled();

        public GradMode(bool enabled) => Native.gan_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Native.gan_set_grad_enabled(before ? 1 : 0);
    }
}
