using System.Runtime.CompilerServices;

namespace Gan.Core;

/// <summary>What a chain of dense layers gives for a batch.</summary>
/// <param name="Output">[batch, outputs]: y.</param>
/// <param name="Features">[batch, width]: what the last layer was given.</param>
/// <param name="Slopes">[batch]: the squared norm of y's gradient with respect to each point, where it was asked for.</param>
internal sealed record ChainResult(Tensor Output, Tensor Features, Tensor? Slopes);

/// <summary>
/// Dense layers with rectifiers between them as one function for libtorch's differentiation. Its gradients are those of
/// <see cref="RectifierChain{T}"/>; where these are to be differentiated again it is made anew of libtorch's own operators.
/// </summary>
internal sealed class ChainFunction : autograd.MultiTensorFunction<ChainFunction>
{
    [ThreadStatic]
    static Exception? failure;

    /// <inheritdoc/>
    public override string Name => nameof(ChainFunction);

    /// <summary>Whether a chain can work on such inputs: in this process's memory, where libtorch's BLAS can be called.</summary>
    public static bool Accepts(Tensor input) =>
        input.device_type == DeviceType.CPU
        && input.dtype is ScalarType.Float32 or ScalarType.Float64
        && Gemm.IsAvailable;

    /// <summary>Applies a chain.</summary>
    /// <param name="tensors">x of [batch, inputs], then the weight and the bias of each layer, of which there are at least two.</param>
    /// <param name="rectifiers">The rectifiers' slopes below zero: one fewer than there are layers.</param>
    /// <param name="slopes">Whether to find y's slopes, of a chain with one output.</param>
    public static ChainResult Apply(Tensor[] tensors, double[] rectifiers, bool slopes)
    {
        using var scope = new TensorScope(tensors);
        var run = new ChainRun(tensors, rectifiers, slopes);
        var outputs =
            is_grad_enabled() && Array.Exists(tensors, tensor => tensor.requires_grad)
                ? apply([run, .. tensors])
                : run.Forward(tensors, keep: false);
        scope.Keep(outputs);
        return new ChainResult(outputs[0], outputs[1], slopes ? outputs[2] : null);
    }

    /// <summary>What went wrong on the way back since this was last asked: nothing may be thrown there.</summary>
    public static Exception? TakeFailure()
    {
        var taken = failure;
        failure = null;
        return taken;
    }

    /// <inheritdoc/>
    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var run = (ChainRun)vars[0];
        var tensors = Array.ConvertAll(vars[1..], tensor => (Tensor)tensor);
        ctx.set_materialize_grads(false);
        ctx.save_data(nameof(ChainRun), run);
        ctx.save_for_backward([.. tensors]);
        return run.Forward(tensors, keep: true);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var run = (ChainRun)ctx.get_data(nameof(ChainRun));
        Interlocked.Add(ref TotalCount(null), -grad_outputs.Count(gradient => gradient.IsInvalid));
        var gradients = new List<Tensor> { null! };
        try
        {
            var tensors = ctx.get_saved_variables().ToArray();
            gradients.AddRange(run.Backward(tensors, grad_outputs)!);
        }
        catch (Exception thrown)
        {
            failure = thrown;
            while (gradients.Count <= run.Tensors)
                gradients.Add(null!);
        }
        return gradients;
    }

    // TorchSharp counts the tensors that stand for undefined gradients, and does not count them down.
    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "_totalCount")]
    static extern ref long TotalCount(Tensor? _);
}
