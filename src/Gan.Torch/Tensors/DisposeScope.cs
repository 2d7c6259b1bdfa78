namespace Gan.Torch;

/// <summary>
/// Tensors made while a scope is open belong to it and end with it, except those moved out. Scopes nest, one stack a
/// thread. A tensor made outside every scope is ended by the garbage collector.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    static DisposeScope? current;

    readonly List<torch.Tensor> tensors = [];
    bool ended;

    internal DisposeScope()
    {
        OuterScope = current;
        current = this;
    }

    /// <summary>The scope that was open when this one began.</summary>
    public DisposeScope? OuterScope { get; }

    internal static DisposeScope? Current => current;

    internal void Add(torch.Tensor tensor) => tensors.Add(tensor);

    /// <summary>Gives a tensor that belongs to this scope to the one around it; any other is left where it is.</summary>
    public torch.Tensor MoveToOuter(torch.Tensor tensor) =>
        tensor.Scope == this ? tensor.MoveToOuterDisposeScope() : tensor;

    /// <summary>The same for several.</summary>
    public void MoveToOuter(IEnumerable<torch.Tensor> tensors)
    {
        foreach (var tensor in tensors)
            MoveToOuter(tensor);
    }

    /// <summary>Ends every tensor that still belongs to this scope. Inner scopes must have ended.</summary>
    public void Dispose()
    {
        if (ended)
            return;
        if (current != this)
            throw new InvalidOperationException(
                "A dispose scope ended before one that was opened inside it, or on another thread."
            );
        ended = true;
        current = OuterScope;
        foreach (var tensor in tensors)
            if (tensor.Scope == this)
                tensor.Dispose();
        tensors.Clear();
    }
}
