using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Gan.Core;

/// <summary>libtorch in this process. It is loaded when the first tensor is made, with settings that must be there before.</summary>
public static class Engine
{
    static readonly Lazy<Facts> started = new(Load);
    static Exception? unprepared;

    sealed record Facts(bool ScalarsAreDeferred, int CudaDevices, bool CudaIsDeterministic);

    /// <summary>
    /// The threads of matrix products, random numbers and optimizers. libtorch's own operators run on one: how they cut a sum
    /// over threads changes its last bits, and the same spec gives the same bits on any number of threads.
    /// </summary>
    public static int Threads { get; private set; } = Environment.ProcessorCount;

    /// <summary>Sets <see cref="Threads"/>, which at first is the number of processors.</summary>
    public static void SetThreads(int threads) => Threads = Require.Positive(threads, nameof(threads));

    /// <summary>
    /// Loads libtorch now. A program that makes tensors before it uses anything else of Gan.Core calls this first, since the
    /// settings are made when Gan.Core is first used.
    /// </summary>
    /// <exception cref="EngineException">libtorch cannot be loaded; the message says why and what to do.</exception>
    public static void Start() => _ = started.Value;

    static Facts Load()
    {
        try
        {
            if (unprepared is not null)
                throw new DllNotFoundException(unprepared.Message, unprepared);
            // Where it is missing TorchSharp would search, and write on standard output.
            var library = NativeLibrary.Load(NativeLibraries.Wrapper, typeof(torch).Assembly, null);
            torch.InitializeDeviceType(DeviceType.CPU);
            torch.set_num_threads(1);
            var deferred = DeferredScalars.Install(library);
            var facts = torch.cuda_is_available()
                ? new Facts(deferred, torch.cuda.device_count(), DeterministicCuda.Choose())
                : new Facts(deferred, CudaDevices: 0, CudaIsDeterministic: false);
            // libtorch warns on standard error of what no user of Gan can change; its errors are exceptions.
            const int errorsAlone = 2;
            if (NativeLibraries.Export("FLAGS_caffe2_log_level", NativeLibraries.Base) is not 0 and var level)
                Marshal.WriteInt32(level, errorsAlone);
            return facts;
        }
        catch (Exception failure)
            when (failure is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            var reason = failure.GetBaseException().Message.Split('\n')[0].Trim();
            throw new EngineException(
                $"libtorch could not be loaded ({reason}). It comes with the package TorchSharp-cpu, or for a GPU with TorchSharp-cuda-linux or TorchSharp-cuda-windows; on Linux {NativeLibraries.FolderVariable} can name the folder of an installed one, such as PyTorch's torch/lib.",
                failure
            );
        }
    }

    /// <summary>The version of TorchSharp, for instance 0.107.0.</summary>
    public static string TorchSharpVersion => VersionOf(typeof(torch).Assembly);

    /// <summary>The version of libtorch that TorchSharp is built for, for instance 2.10.0.</summary>
    public static string LibtorchVersion => string.Join('.', torch.__version__.Split('.').Take(3));

    /// <summary>What multiplies matrices, for instance MKL and its version.</summary>
    public static unsafe string Blas
    {
        get
        {
            Start();
            var export = NativeLibraries.Export("MKL_Get_Version_String");
            if (export == 0)
                return "libtorch's own";
            const int capacity = 256;
            var text = stackalloc byte[capacity];
            ((delegate* unmanaged<byte*, int, void>)export)(text, capacity - 1);
            return Marshal.PtrToStringUTF8((nint)text)!.Trim();
        }
    }

    /// <summary>Whether numbers beside tensors are freed late, so that no collection ends one that libtorch still reads.</summary>
    public static bool ScalarsAreDeferred => started.Value.ScalarsAreDeferred;

    /// <summary>The number of CUDA devices that can be used: 0 without a GPU, and with libtorch's package for processors.</summary>
    public static int CudaDevices => started.Value.CudaDevices;

    /// <summary>Whether a CUDA device gives the same bits every time; false without one.</summary>
    public static bool CudaIsDeterministic => started.Value.CudaIsDeterministic;

    internal static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    [ModuleInitializer]
    [SuppressMessage(
        "Usage",
        "CA2255",
        Justification = "libtorch reads these settings when it is loaded, which any first tensor does."
    )]
    internal static void Prepare()
    {
        ProcessSettings.Apply();
        try
        {
            NativeLibraries.Prepare();
        }
        catch (Exception failure)
            when (failure
                    is DllNotFoundException
                        or BadImageFormatException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            // Told when a tensor is wanted: most of a program needs none.
            unprepared = failure;
        }
    }
}
