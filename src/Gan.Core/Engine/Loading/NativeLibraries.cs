using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Win32.SafeHandles;

namespace Gan.Core;

/// <summary>
/// Finds and loads TorchSharp's native libraries on Linux where the runtime does not: in a script, whose packages lie in
/// folders of their own; for a program without a libtorch of its own; and beside a C++ library older than GCC 13's
/// (docs/decisions/debian12.md).
/// </summary>
internal static partial class NativeLibraries
{
    /// <summary>
    /// Names the folder of a libtorch for a program that has none, such as that of an installed PyTorch:
    /// <c>…/site-packages/torch/lib</c>.
    /// </summary>
    public const string FolderVariable = "GAN_LIBTORCH";

    /// <summary>TorchSharp's own library, over libtorch's.</summary>
    public const string Wrapper = "LibTorchSharp";

    /// <summary>libtorch's library of operators and of its BLAS.</summary>
    public const string Processor = "torch_cpu";

    /// <summary>libtorch's base, with its settings.</summary>
    public const string Base = "c10";

    // Each is needed by the next ones.
    static readonly string[] libtorch = [Base, Processor, "c10_cuda", "torch_cuda", "torch"];

    /// <summary>
    /// Loads the libraries now where the program has none in its own folders, before the runtime takes another version that
    /// the system may have; otherwise only the wrapper, when it is asked for and cannot be loaded as it is.
    /// </summary>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var assembly = typeof(torch).Assembly;
        if (Find(ProgramFolders(), Processor) is null)
            Load([.. OtherFolders(Path.GetDirectoryName(assembly.Location)!)]);
        else
            AssemblyLoadContext.GetLoadContext(assembly)!.ResolvingUnmanagedDll += (_, name) =>
                name == Wrapper ? Load([.. ProgramFolders()]) : 0;
    }

    /// <summary>The address of what a library of libtorch, which is loaded, exports by a name; 0 where it does not.</summary>
    public static nint Export(string name, string library = Processor) =>
        NativeLibrary.TryLoad(library, typeof(torch).Assembly, null, out var handle)
        && NativeLibrary.TryGetExport(handle, name, out var export)
            ? export
            : 0;

    // The wrapper's handle; 0 where something is missing, which TorchSharp then tells.
    static nint Load(string[] folders)
    {
        if (Find(folders, Processor) is not { } processor || Find(folders, Wrapper) is not { } wrapper)
            return 0;
        var folder = Path.GetDirectoryName(processor)!;
        foreach (var file in libtorch.Select(name => FileOf(folder, name)).Where(File.Exists))
            NativeLibrary.Load(file);
        return NativeLibrary.TryLoad(wrapper, out var handle) ? handle : LoadMended(wrapper);
    }

    static nint LoadMended(string wrapper)
    {
        var library = File.ReadAllBytes(wrapper);
        WeakVersion.Weaken(library, WeakVersion.OfGcc13);
        using var memory = new SafeFileHandle(memfd_create(Wrapper, 0), ownsHandle: true);
        RandomAccess.Write(memory, library, fileOffset: 0);
        return NativeLibrary.Load($"/proc/self/fd/{memory.DangerousGetHandle()}");
    }

    static string FileOf(string folder, string name) => Path.Combine(folder, $"lib{name}.so");

    static string? Find(IEnumerable<string> folders, string name) =>
        folders.Select(folder => FileOf(folder, name)).FirstOrDefault(File.Exists);

    static IEnumerable<string> ProgramFolders() =>
        ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(AppContext.BaseDirectory);

    // The user's choice; in a script the folders beside TorchSharp's assembly, or in its package, which is two levels above
    // it, and in libtorch's package beside that one; the program's own for the wrapper.
    static IEnumerable<string> OtherFolders(string assembly)
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen)
            yield return chosen;
        yield return assembly;
        yield return Native(assembly);
        var package = Path.GetFullPath(Path.Combine(assembly, "..", ".."));
        yield return Native(package);
        var packages = new DirectoryInfo(Path.Combine(package, "..", "..", "libtorch-cpu-linux-x64"));
        if (packages.Exists)
            foreach (var version in packages.GetDirectories())
                yield return Native(version.FullName);
        foreach (var folder in ProgramFolders())
            yield return folder;

        static string Native(string folder) => Path.Combine(folder, "runtimes", "linux-x64", "native");
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);
}
