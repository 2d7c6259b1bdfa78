using System.Runtime.CompilerServices;

namespace Gan.Core;

/// <summary>
/// The scope of a pure function: tensors made in it end with it, but those that it keeps. These belong to the scope
/// around it; where there is none, to the garbage collector, which is told their size: TorchSharp tells it nothing, so
/// that tensors which nobody holds would pile up.
/// </summary>
internal sealed class TensorScope : IDisposable
{
    static readonly ConditionalWeakTable<Tensor, Pressure> known = [];

    readonly DisposeScope? outer;
    readonly DisposeScope own;
    readonly object[] held;

    /// <summary>
    /// Opens a scope that holds what the function was given until it ends: libtorch reads a tensor through an address, and
    /// nothing else may hold the tensor by then.
    /// </summary>
    public TensorScope(params object[] held)
    {
        Engine.Start();
        this.held = held;
        outer = CurrentDisposeScope;
        own = NewDisposeScope();
    }

    /// <summary>Keeps a tensor that was made in this scope; any other is left where it is.</summary>
    public Tensor Keep(Tensor tensor)
    {
        if (!own.Contains(tensor))
            return tensor;
        own.MoveToOuter(tensor);
        if (outer is null)
            Tell(tensor);
        return tensor;
    }

    /// <summary>Keeps several.</summary>
    public void Keep(IEnumerable<Tensor> tensors)
    {
        foreach (var tensor in tensors)
            Keep(tensor);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        own.Dispose();
        GC.KeepAlive(held);
    }

    /// <summary>Tells the collector of a new tensor, where no scope owns it.</summary>
    public static Tensor Watch(Tensor tensor)
    {
        if (CurrentDisposeScope is null)
            Tell(tensor);
        return tensor;
    }

    /// <summary>Ends a tensor before the collector does.</summary>
    public static void End(Tensor tensor)
    {
        tensor.Dispose();
        if (known.Remove(tensor, out var pressure))
            pressure.Dispose();
    }

    static void Tell(Tensor tensor) => known.AddOrUpdate(tensor, new Pressure(tensor.numel() * tensor.ElementSize));

    // Native memory that the collector knows of for as long as this object lives.
    sealed class Pressure : IDisposable
    {
        long bytes;

        public Pressure(long bytes)
        {
            this.bytes = bytes;
            if (bytes > 0)
                GC.AddMemoryPressure(bytes);
        }

        ~Pressure() => Remove();

        public void Dispose()
        {
            Remove();
            GC.SuppressFinalize(this);
        }

        void Remove()
        {
            if (Interlocked.Exchange(ref bytes, 0) is > 0 and var removed)
                GC.RemoveMemoryPressure(removed);
        }
    }
}
