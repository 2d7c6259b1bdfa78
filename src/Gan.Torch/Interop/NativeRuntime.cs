using System.Reflection;
using System.Runtime.InteropServices;

namespace Gan.Torch;

/// <summary>Finds and prepares the native library: what must be set in the process before libtorch is loaded.</summary>
internal static partial class NativeRuntime
{
    const int TrimThreshold = -1;
    const int MmapThreshold = -3;
    const int ArenaMax = -8;

    /// <summary>
    /// Sets what OpenMP, OpenBLAS and malloc read when they start, loads the library, and turns on deterministic
    /// algorithms. Idle OpenMP workers must sleep (PASSIVE): spinning without end, they fight OpenBLAS's pool for the
    /// cores. But they spin for a fraction of a millisecond first, so that a step, which has dozens of short parallel parts,
    /// does not wake a processor for each.
    /// Freed memory is kept for the next step instead of going back to the system and being zeroed again.
    /// </summary>
    public static void Prepare()
    {
        if (OperatingSystem.IsLinux())
        {
            var threads = Environment.ProcessorCount.ToString();
            setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
            setenv("GOMP_SPINCOUNT", "20000", 0);
            setenv("OMP_NUM_THREADS", threads, 0);
            setenv("OPENBLAS_NUM_THREADS", threads, 0);
            mallopt(MmapThreshold, 32 << 20);
            mallopt(TrimThreshold, 1 << 30);
            mallopt(ArenaMax, 1);
        }
        NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);
        Native.Check(Native.gan_initialise(), "Starting libtorch");
    }

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Native.Library)
            return 0;
        var file = Path.Combine(Path.GetDirectoryName(assembly.Location)!, "libgan_torch.so");
        if (!File.Exists(file))
            throw new EngineMissingException(
                $"The native library of Gan.Torch is not at '{file}'. Build it with: dotnet fsi build.fsx build"
            );
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (DllNotFoundException failure)
        {
            var reason = failure.Message.Split('\n')[0].Trim();
            throw new EngineMissingException(
                $"libtorch could not be loaded ({reason}). Install it with: dotnet fsi build.fsx setup"
            );
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);
}

/// <summary>libtorch, or the native library over it, is not on this machine.</summary>
public sealed class EngineMissingException(string message) : Exception(message);

/// <summary>libtorch refused a call; the message names the operator, what it was given, and libtorch's reason.</summary>
public sealed class TorchException(string message) : ExternalException(message);
