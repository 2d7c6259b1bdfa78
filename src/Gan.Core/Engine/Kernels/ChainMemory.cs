using Microsoft.Win32.SafeHandles;

namespace Gan.Core;

/// <summary>Matrices of one element type in memory that is freed with this object.</summary>
internal sealed unsafe class ChainMemory : SafeHandleZeroOrMinusOneIsInvalid
{
    const int Alignment = 64;

    readonly nint[] starts;

    /// <summary>Memory for matrices of so many elements each, of so many bytes; what is in it is undefined.</summary>
    public ChainMemory(long elementSize, params ReadOnlySpan<long> lengths)
        : base(ownsHandle: true)
    {
        starts = new nint[lengths.Length];
        long end = 0;
        for (var i = 0; i < lengths.Length; i++)
        {
            starts[i] = (nint)end;
            end += (lengths[i] * elementSize + Alignment - 1) / Alignment * Alignment;
        }
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(end, Alignment), Alignment));
    }

    /// <summary>The address of a matrix.</summary>
    public nint this[int index] => handle + starts[index];

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
