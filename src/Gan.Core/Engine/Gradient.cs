namespace Gan.Core;

/// <summary>Gradients of scalars, by libtorch's automatic differentiation.</summary>
/// <remarks>
/// <c>torch.autograd.grad</c> ends the process on any error of libtorch's, so this goes by <c>backward</c>, which throws:
/// libtorch leaves the gradients with the inputs, and they are taken from there.
/// </remarks>
public static class Gradient
{
    /// <summary>The derivatives that are to be taken of what is computed now, on this thread.</summary>
    [field: ThreadStatic]
    internal static DerivativeOrder Asked { get; private set; }

    /// <summary>Until what this returns is disposed, such derivatives are to be taken of what this thread computes.</summary>
    internal static IDisposable Ask(DerivativeOrder order) => new Mark(order);

    sealed class Mark : IDisposable
    {
        readonly DerivativeOrder before = Asked;

        public Mark(DerivativeOrder order) => Asked = order;

        public void Dispose() => Asked = before;
    }

    /// <summary>
    /// For each tensor one that gradients can be taken with respect to: itself, where it is a leaf that requires them; a leaf
    /// of the same memory, where it requires none; and where it is a result that gradients go through, that result plus a
    /// leaf of zeros.
    /// </summary>
    public static DifferentiableInputs Inputs(IReadOnlyList<Tensor> tensors)
    {
        Tensor[] leaves = [.. tensors.Select(LeafOf)];
        return new([.. tensors.Zip(leaves, (tensor, leaf) => tensor.is_leaf ? leaf : tensor + leaf)], leaves);

        static Tensor LeafOf(Tensor tensor) =>
            tensor switch
            {
                { requires_grad: false } => Leaf(tensor),
                { is_leaf: true } => tensor,
                _ => Leaf(zeros_like(tensor)),
            };
    }

    /// <summary>The gradient of an output with respect to each leaf; of zeros for one that it does not depend on.</summary>
    /// <param name="output">A tensor without dimensions.</param>
    /// <param name="leaves">Tensors that require gradients and are no results of others. Each once.</param>
    /// <param name="createGraph">Whether the gradients are differentiable themselves.</param>
    /// <exception cref="ArgumentException">The output has dimensions; a tensor is not a leaf that requires a gradient.</exception>
    /// <exception cref="EngineException">libtorch refused; the message says why.</exception>
    public static Tensor[] Of(Tensor output, IReadOnlyList<Tensor> leaves, bool createGraph) =>
        Of(output, leaves, createGraph, retainGraph: createGraph);

    /// <summary>The same; with <paramref name="retainGraph"/> the output's graph can be gone through again.</summary>
    internal static Tensor[] Of(Tensor output, IReadOnlyList<Tensor> leaves, bool createGraph, bool retainGraph)
    {
        Engine.Start();
        if (output.ndim != 0)
            throw new ArgumentException($"A gradient is of a tensor without dimensions; got {output.Describe()}.");
        foreach (var leaf in leaves)
            if (!leaf.requires_grad || !leaf.is_leaf)
                throw new ArgumentException(
                    $"A gradient is with respect to leaves that require gradients; {leaf.Describe()} {(leaf.is_leaf ? "requires none" : "is a result of others")}. Make one with Gradient.Inputs."
                );
        if (!output.requires_grad || leaves.Count == 0)
            return [.. leaves.Select(leaf => zeros_like(leaf))];
        var before = leaves.Select(Take).ToArray();
        try
        {
            autograd.backward([output], null, retainGraph, createGraph, [.. leaves]);
            if (ChainFunction.TakeFailure() is { } failure)
                throw new EngineException($"A gradient could not be found: {failure.Message}", failure);
            return [.. leaves.Select(leaf => Take(leaf) ?? zeros_like(leaf))];
        }
        catch (ExternalException failure)
        {
            throw new EngineException($"A gradient could not be found. {EngineException.Describe(failure)}", failure);
        }
        finally
        {
            for (var i = 0; i < before.Length; i++)
                leaves[i].grad = before[i];
        }
    }

    /// <summary>A new leaf of the same memory that gradients are wanted of.</summary>
    internal static Tensor Leaf(Tensor tensor) => tensor.detach().requires_grad_();

    // What stands with a tensor as its gradient, which then has none.
    static Tensor? Take(Tensor tensor)
    {
        var gradient = tensor.grad;
        if (gradient is not null)
            tensor.grad = null;
        return gradient;
    }
}

/// <summary>The derivatives that are to be taken of a result, which decide what it may be computed by.</summary>
internal enum DerivativeOrder
{
    /// <summary>Unknown: right ones of any order are wanted.</summary>
    Any,

    /// <summary>The first alone: one function may stand for several operators, though its third derivatives be wrong.</summary>
    First,

    /// <summary>Higher ones for certain: functions of ours, whose derivatives are made anew of operators, do not pay.</summary>
    Higher,
}

/// <summary>Tensors to evaluate a function at, and the leaves that its gradients with respect to them are taken at.</summary>
/// <param name="Values">What to evaluate the function at.</param>
/// <param name="Leaves">What to take gradients with respect to.</param>
public sealed record DifferentiableInputs(IReadOnlyList<Tensor> Values, IReadOnlyList<Tensor> Leaves);
