using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gan.Torch;

public static partial class torch
{
    /// <summary>
    /// A handle to a libtorch tensor. User code need not dispose one: a scope ends what was made inside it, and the
    /// garbage collector, which is told the size of each tensor that no scope owns, ends the rest.
    /// Equality is of reference. A tensor may be read from many threads at once.
    /// </summary>
    public sealed unsafe partial class Tensor : IDisposable
    {
        nint handle;
        long pressure;
        Facts? facts;

        internal Tensor(nint handle)
        {
            this.handle = handle;
            Enter(DisposeScope.Current);
        }

        ~Tensor() => Release();

        sealed record Facts(ScalarType Type, Device Device, long[] Shape, long Elements);

        internal DisposeScope? Scope { get; private set; }

        internal nint Handle =>
            handle != 0
                ? handle
                : throw new ObjectDisposedException(
                    nameof(Tensor),
                    "This tensor has ended with its scope. Move it out before the scope ends: tensor.MoveToOuterDisposeScope()."
                );

        /// <summary>True once the tensor has ended.</summary>
        public bool IsInvalid => handle == 0;

        public ScalarType dtype => Described.Type;

        public Device device => Described.Device;

        /// <summary>The sizes, outermost first. A copy that the caller may keep.</summary>
        public long[] shape => [.. Described.Shape];

        public long ndim => Described.Shape.Length;

        public long numel() => Described.Elements;

        /// <summary>The size of one dimension; negative ones count from the last.</summary>
        public long size(int dim)
        {
            var sizes = Described.Shape;
            return sizes[dim < 0 ? sizes.Length + dim : dim];
        }

        public bool requires_grad
        {
            get => Ask(stackalloc long[FactsCapacity])[5] != 0;
            set
            {
                Native.Check(Native.gan_set_requires_grad(Handle, value ? 1 : 0), "requires_grad");
                GC.KeepAlive(this);
            }
        }

        public bool is_leaf => Ask(stackalloc long[FactsCapacity])[6] != 0;

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>The one element of a tensor that has one.</summary>
        public T item<T>()
            where T : unmanaged
        {
            double real;
            long whole;
            Native.Check(Native.gan_item(Handle, &real, &whole), $"item() of {this}");
            GC.KeepAlive(this);
            if (typeof(T) == typeof(float))
                return Unsafe.BitCast<float, T>((float)real);
            if (typeof(T) == typeof(double))
                return Unsafe.BitCast<double, T>(real);
            if (typeof(T) == typeof(long))
                return Unsafe.BitCast<long, T>(whole);
            if (typeof(T) == typeof(int))
                return Unsafe.BitCast<int, T>(checked((int)whole));
            if (typeof(T) == typeof(bool))
                return Unsafe.BitCast<bool, T>(whole != 0);
            if (typeof(T) == typeof(byte))
                return Unsafe.BitCast<byte, T>(checked((byte)whole));
            throw new ArgumentException($"item() reads float, double, long, int, bool or byte; got {typeof(T)}.");
        }

        /// <summary>Copies the elements out, in row-major order, from any device and strides.</summary>
        internal T[] ToArray<T>()
            where T : unmanaged
        {
            if (sizeof(T) != dtype.ElementSize())
                throw new ArgumentException($"The elements of {this} cannot be read as {typeof(T).Name}.");
            var array = new T[numel()];
            fixed (T* data = array)
                Native.Check(Native.gan_to_data(Handle, data, array.LongLength * sizeof(T)), $"reading {this}");
            GC.KeepAlive(this);
            return array;
        }

        internal static Tensor FromData<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> shape, ScalarType type)
            where T : unmanaged
        {
            nint result;
            fixed (T* from = data)
            fixed (long* sizes = shape)
                Native.Check(
                    Native.gan_from_data(from, (long)data.Length * sizeof(T), sizes, shape.Length, (int)type, &result),
                    $"a {type} tensor of shape [{string.Join(", ", shape.ToArray())}] from {data.Length} elements"
                );
            return new Tensor(result);
        }

        /// <summary>A second handle to the same tensor, with a lifetime of its own.</summary>
        internal Tensor Share()
        {
            nint result;
            Native.Check(Native.gan_share(Handle, &result), "sharing a tensor");
            GC.KeepAlive(this);
            return new Tensor(result);
        }

        public void Dispose()
        {
            Release();
            GC.SuppressFinalize(this);
        }

        /// <summary>Gives the tensor to the scope around the one that owns it, or, where there is none, to the collector.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            Enter(Scope?.OuterScope);
            return this;
        }

        /// <summary>Gives the tensor to the collector.</summary>
        public Tensor DetachFromDisposeScope()
        {
            Enter(null);
            return this;
        }

        /// <summary>The element type and shape, for instance <c>Float32[64, 100]</c>.</summary>
        public override string ToString() =>
            handle == 0 ? "an ended tensor" : $"{dtype}[{string.Join(", ", Described.Shape)}]";

        void Enter(DisposeScope? scope)
        {
            Scope = scope;
            if (scope is not null)
            {
                scope.Add(this);
                Relieve();
            }
            else if (pressure == 0)
            {
                pressure = Math.Max(1, numel() * dtype.ElementSize());
                GC.AddMemoryPressure(pressure);
            }
        }

        void Relieve()
        {
            if (pressure == 0)
                return;
            GC.RemoveMemoryPressure(pressure);
            pressure = 0;
        }

        void Release()
        {
            var released = Interlocked.Exchange(ref handle, 0);
            if (released == 0)
                return;
            Native.gan_release(released);
            Relieve();
        }

        Facts Described => facts ??= Describe();

        Facts Describe()
        {
            var answer = Ask(stackalloc long[FactsCapacity]);
            var type = (DeviceType)answer[1];
            return new Facts(
                (ScalarType)answer[0],
                type == DeviceType.CPU ? CPU : new Device(type, (int)answer[2]),
                answer.Slice(7, (int)answer[3]).ToArray(),
                answer[4]
            );
        }

        // As gan_describe writes them: seven numbers, then the sizes.
        const int FactsCapacity = 7 + 64;

        ReadOnlySpan<long> Ask(Span<long> answer)
        {
            fixed (long* into = answer)
                Native.Check(Native.gan_describe(Handle, into, answer.Length), "describing a tensor");
            GC.KeepAlive(this);
            return answer;
        }
    }

    public static DisposeScope NewDisposeScope() => new();
}
