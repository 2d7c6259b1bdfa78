using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Gan.Core;

/// <summary>
/// Lets the numbers that TorchSharp hands to libtorch live a while longer. TorchSharp makes a native scalar of each number
/// beside a tensor (even of the 1 in a sum of two tensors), reads its address, and calls libtorch with it while nothing
/// holds the object any more: a collection on another thread may free it before libtorch has read it, and the operator
/// then computes with garbage. So the native function that frees scalars is replaced by one that frees them seconds later
/// (docs/decisions/scalars.md).
/// </summary>
internal static unsafe partial class DeferredScalars
{
    const int Delay = 5;
    const int ReadWriteExecute = 7;
    const int ReadExecute = 5;
    const uint WindowsReadWriteExecute = 0x40;

    static readonly Queue<Freed> waiting = [];

    readonly record struct Freed(nint Scalar, long At);

    /// <summary>
    /// Replaces the function in the loaded library of TorchSharp's: on 64-bit Intel and AMD processors, where the system
    /// lets code be changed; false elsewhere.
    /// </summary>
    public static bool Install(nint library)
    {
        if (
            RuntimeInformation.ProcessArchitecture != Architecture.X64
            || !NativeLibrary.TryGetExport(library, "THSTorch_dispose_scalar", out var function)
        )
            return false;
        // mov rax, target; jmp rax
        Span<byte> jump = [0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0];
        var target = (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Free;
        MemoryMarshal.Write(jump[2..], in target);
        if (OperatingSystem.IsWindows())
        {
            if (VirtualProtect(function, (nuint)jump.Length, WindowsReadWriteExecute, out var before) == 0)
                return false;
            jump.CopyTo(new Span<byte>((void*)function, jump.Length));
            _ = VirtualProtect(function, (nuint)jump.Length, before, out _);
        }
        else
        {
            nint page = Environment.SystemPageSize;
            var start = function / page * page;
            var length = (nuint)(function + jump.Length - start);
            if (mprotect(start, length, ReadWriteExecute) != 0)
                return false;
            jump.CopyTo(new Span<byte>((void*)function, jump.Length));
            _ = mprotect(start, length, ReadExecute);
        }
        return true;
    }

    // A scalar of a plain number is memory of the C library's and nothing else.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void Free(nint scalar)
    {
        var now = Stopwatch.GetTimestamp();
        lock (waiting)
        {
            waiting.Enqueue(new Freed(scalar, now));
            while (waiting.TryPeek(out var oldest) && now - oldest.At > Delay * Stopwatch.Frequency)
                NativeMemory.Free((void*)waiting.Dequeue().Scalar);
        }
    }

    [LibraryImport("libc")]
    private static partial int mprotect(nint address, nuint length, int protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualProtect(nint address, nuint length, uint protection, out uint before);
}
