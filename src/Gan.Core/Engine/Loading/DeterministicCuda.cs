namespace Gan.Core;

/// <summary>
/// Has libtorch choose algorithms for CUDA that give the same bits every time, as its convolutions' gradients by themselves do
/// not. TorchSharp has no function for it, so libtorch's own C++ ones are called, by the names that compilers give them.
/// </summary>
internal static unsafe class DeterministicCuda
{
    static readonly string[] itanium =
    [
        "_ZN2at13globalContextEv",
        "_ZN2at7Context26setDeterministicAlgorithmsEbb",
        "_ZN2at7Context39setDeterministicFillUninitializedMemoryEb",
    ];

    static readonly string[] microsoft =
    [
        "?globalContext@at@@YAAEAVContext@1@XZ",
        "?setDeterministicAlgorithms@Context@at@@QEAAX_N0@Z",
        "?setDeterministicFillUninitializedMemory@Context@at@@QEAAX_N@Z",
    ];

    /// <summary>Asks for them; false where this libtorch has no such functions.</summary>
    public static bool Choose()
    {
        var names = OperatingSystem.IsWindows() ? microsoft : itanium;
        var found = Array.ConvertAll(names, name => NativeLibraries.Export(name));
        if (found.Contains(0))
            return false;
        var context = ((delegate* unmanaged<void*>)found[0])();
        // A warning, not an error, for what there is no such algorithm of.
        ((delegate* unmanaged<void*, byte, byte, void>)found[1])(context, 1, 1);
        ((delegate* unmanaged<void*, byte, void>)found[2])(context, 0);
        return true;
    }
}
