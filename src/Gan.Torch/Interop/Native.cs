using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gan.Torch;

/// <summary>One argument of a boxed call as the native library reads it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeArgument
{
    public ArgumentKind Kind;
    public int Count;
    public long Bits;
}

/// <summary>What a <see cref="NativeArgument"/> holds; the numbers are those of native/dispatch.cpp.</summary>
internal enum ArgumentKind
{
    None = 0,
    Tensor = 1,
    Tensors = 2,
    Int = 3,
    Double = 4,
    Bool = 5,
    Ints = 6,
    String = 7,
    Device = 8,
}

/// <summary>An interpolated string that is made only of a call that failed.</summary>
[InterpolatedStringHandler]
internal ref struct FailureText
{
    DefaultInterpolatedStringHandler text;

    public FailureText(int literalLength, int formattedCount, int failed, out bool isEnabled)
    {
        isEnabled = failed != 0;
        if (isEnabled)
            text = new DefaultInterpolatedStringHandler(literalLength, formattedCount);
    }

    public void AppendLiteral(string value) => text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => text.AppendFormatted(value);

    public override string ToString() => text.ToString();
}

/// <summary>The exported functions of the native library; see native/gan.h for the rules they keep.</summary>
internal static unsafe partial class Native
{
    internal const string Library = "gan_torch";

    static Native() => NativeRuntime.Prepare();

    /// <summary>Throws what the native side said, when it failed.</summary>
    public static void Check(int failed, string doing)
    {
        if (failed != 0)
            throw new TorchException($"{doing}: {LastError()}");
    }

    /// <summary>The same; the text is made only when it is needed.</summary>
    public static void Check(int failed, [InterpolatedStringHandlerArgument(nameof(failed))] ref FailureText doing)
    {
        if (failed != 0)
            throw new TorchException($"{doing.ToString()}: {LastError()}");
    }

    public static string LastError() => Marshal.PtrToStringUTF8((nint)gan_last_error())?.Trim() ?? "unknown error";

    [LibraryImport(Library)]
    internal static partial byte* gan_last_error();

    [LibraryImport(Library)]
    internal static partial long gan_live_handles();

    [LibraryImport(Library)]
    internal static partial int gan_initialise();

    [LibraryImport(Library)]
    internal static partial int gan_set_threads(int threads);

    [LibraryImport(Library)]
    internal static partial int gan_threads();

    [LibraryImport(Library)]
    internal static partial int gan_capabilities(byte* text, int capacity);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int gan_find(string name, string overload, nint* found, byte* schema, int capacity);

    [LibraryImport(Library)]
    internal static partial int gan_call(
        nint op,
        NativeArgument* arguments,
        int count,
        nint* results,
        int capacity,
        int* produced
    );

    [LibraryImport(Library)]
    internal static partial void gan_release(nint tensor);

    [LibraryImport(Library)]
    internal static partial int gan_share(nint tensor, nint* result);

    [LibraryImport(Library)]
    internal static partial int gan_from_data(
        void* data,
        long bytes,
        long* sizes,
        int dimensions,
        int dtype,
        nint* result
    );

    [LibraryImport(Library)]
    internal static partial int gan_to_data(nint tensor, void* data, long bytes);

    [LibraryImport(Library)]
    internal static partial int gan_describe(nint tensor, long* facts, int capacity);

    [LibraryImport(Library)]
    internal static partial int gan_item(nint tensor, double* real, long* whole);

    [LibraryImport(Library)]
    internal static partial int gan_leaves(nint* tensors, int count, nint* results);

    [LibraryImport(Library)]
    internal static partial int gan_set_requires_grad(nint tensor, int required);

    [LibraryImport(Library)]
    internal static partial int gan_grad(
        nint* outputs,
        int outputCount,
        nint* inputs,
        int inputCount,
        nint* weights,
        int retainGraph,
        int createGraph,
        int allowUnused,
        nint* results
    );

    [LibraryImport(Library)]
    internal static partial int gan_grad_enabled();

    [LibraryImport(Library)]
    internal static partial void gan_set_grad_enabled(int enabled);

    [LibraryImport(Library)]
    internal static partial int gan_random(
        ulong keyHigh,
        ulong keyLow,
        int normal,
        long* sizes,
        int dimensions,
        int dtype,
        nint* result
    );

    [LibraryImport(Library)]
    internal static partial void gan_philox_block(ulong keyHigh, ulong keyLow, ulong index, uint* words);

    [LibraryImport(Library)]
    internal static partial int gan_permutation(ulong keyHigh, ulong keyLow, long* order, long count);

    [LibraryImport(Library)]
    internal static partial int gan_adam(
        nint* parameters,
        nint* gradients,
        nint* first,
        nint* second,
        int count,
        double rate,
        double beta1,
        double beta2,
        double epsilon,
        double decay,
        double bias1,
        double bias2,
        int giveUp,
        nint* results
    );

    [LibraryImport(Library)]
    internal static partial int gan_average(
        nint* averages,
        nint* values,
        int count,
        double decay,
        int giveUp,
        nint* results
    );

    [LibraryImport(Library)]
    internal static partial int gan_global_norm(nint* tensors, int count, nint* result);

    [LibraryImport(Library)]
    internal static partial int gan_linear(nint x, nint weight, nint bias, double slope, nint* result);

    [LibraryImport(Library)]
    internal static partial int gan_transposed_convolution(
        nint x,
        nint weight,
        nint bias,
        long* stride,
        long* padding,
        int dimensions,
        nint* result
    );
}
