namespace Gan.Core;

/// <summary>What libtorch, its BLAS and malloc read from the process once, when they are loaded.</summary>
internal static partial class ProcessSettings
{
    const int TrimThreshold = -1;
    const int MmapThreshold = -3;
    const int ArenaMax = -8;

    /// <summary>
    /// Sets them. .NET keeps an environment of its own that native code does not see, so they are set by the C library, and
    /// processes that are started from this one do not inherit them.
    /// </summary>
    public static void Apply()
    {
        // One thread in libtorch and its BLAS; Engine.Threads says why.
        Set("OMP_NUM_THREADS", "1", overwrite: true);
        Set("MKL_NUM_THREADS", "1", overwrite: true);
        // Products of matrices whose bits do not depend on where in memory they are.
        Set("MKL_CBWR", "AUTO,STRICT", overwrite: false);
        // Products on a CUDA device whose bits do not depend on what else runs there.
        Set("CUBLAS_WORKSPACE_CONFIG", ":4096:8", overwrite: false);
        if (!OperatingSystem.IsLinux())
            return;
        // Freed memory is kept for the next step instead of going back to the system and being zeroed again.
        mallopt(MmapThreshold, 32 << 20);
        mallopt(TrimThreshold, 1 << 30);
        mallopt(ArenaMax, 1);
    }

    static void Set(string name, string value, bool overwrite)
    {
        if (OperatingSystem.IsWindows())
        {
            if (overwrite || Environment.GetEnvironmentVariable(name) is null)
                _putenv_s(name, value);
        }
        else
            setenv(name, value, overwrite ? 1 : 0);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("ucrtbase", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int _putenv_s(string name, string value);
}
