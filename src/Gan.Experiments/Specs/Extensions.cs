using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace Gan.Experiments;

/// <summary>A file that adds to the catalogs: an assembly, or an F# script.</summary>
/// <param name="File">The file.</param>
/// <param name="Sha256">The hash of its bytes, in hexadecimal.</param>
public sealed record Extension(string File, string Sha256)
{
    /// <summary>The file's name.</summary>
    public string Name => Path.GetFileName(File);
}

/// <summary>Compiles F# scripts. The command line has one; a program of its own may do without.</summary>
public interface IScriptCompiler
{
    /// <summary>Compiles a script into an assembly.</summary>
    /// <exception cref="UserException">The script has errors; the message lists them.</exception>
    void Compile(string script, string assembly);
}

/// <summary>
/// Loads extensions. An extension is an assembly, or an F# script that is compiled on first use, with a public static
/// method from <see cref="Catalogs"/> to <see cref="Catalogs"/>: in a script, <c>let extend (catalogs: Catalogs) = …</c>.
/// </summary>
public static class Extensions
{
    const string Folder = "extensions";

    static readonly ConcurrentDictionary<string, Assembly> loaded = [];
    static IScriptCompiler? compiler;

    /// <summary>Names what compiles scripts, once in a process.</summary>
    public static void UseCompiler(IScriptCompiler scripts) => compiler = scripts;

    /// <summary>The extensions that a spec names, each a file relative to the spec's own.</summary>
    internal static IReadOnlyList<Extension> Read(SpecReader spec, string specFile)
    {
        var items = spec.Texts(Folder);
        return [.. items.Select(item => Find(spec, item, Path.GetDirectoryName(Path.GetFullPath(specFile))!))];
    }

    // 'name' or, as a run keeps it, 'name sha256:…'.
    static Extension Find(SpecReader spec, string item, string folder)
    {
        const string mark = " sha256:";
        var at = item.IndexOf(mark, StringComparison.Ordinal);
        var name = at < 0 ? item : item[..at];
        string[] places = [Path.Combine(folder, name), Path.Combine(folder, Folder, Path.GetFileName(name))];
        var file =
            places.FirstOrDefault(File.Exists)
            ?? throw spec.Wrong(Folder, $"there is no file '{places[0]}'. An extension is a .fsx script or a .dll.");
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
        return at < 0 || item[(at + mark.Length)..] == hash
            ? new Extension(file, hash)
            : throw spec.Wrong(
                Folder,
                $"'{file}' has changed since the run began: its hash is {hash[..8]}, it was {item[(at + mark.Length)..][..8]}. Bring the old file back, or start a new run."
            );
    }

    /// <summary>How a run's own spec names an extension, whose file it keeps: by name and hash.</summary>
    internal static string Kept(Extension extension) => $"{extension.Name} sha256:{extension.Sha256}";

    /// <summary>Copies extensions beside a copy of their spec, where they are found without their old folders.</summary>
    internal static void KeepBeside(string specFile, IReadOnlyList<Extension> extensions)
    {
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(specFile))!, Folder);
        foreach (var extension in extensions)
        {
            var copy = Path.Combine(folder, extension.Name);
            if (Path.GetFullPath(extension.File) == copy)
                continue;
            Directory.CreateDirectory(folder);
            File.Copy(extension.File, copy, overwrite: true);
        }
    }

    /// <summary>The catalogs with the entries of extensions.</summary>
    /// <exception cref="UserException">An extension cannot be compiled or loaded, or extends nothing.</exception>
    public static Catalogs Load(IEnumerable<Extension> extensions, Catalogs catalogs) =>
        extensions.Aggregate(catalogs, (all, extension) => Extend(extension, all));

    /// <summary>The extension of a file.</summary>
    public static Extension Of(string file) =>
        File.Exists(file)
            ? new Extension(Path.GetFullPath(file), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))))
            : throw new UserException($"There is no extension '{file}'. An extension is a .fsx script or a .dll.");

    static Catalogs Extend(Extension extension, Catalogs catalogs)
    {
        var methods = loaded
            .GetOrAdd(extension.Sha256, _ => Assemble(extension))
            .GetExportedTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(method =>
                method.ReturnType == typeof(Catalogs)
                && method.GetParameters() is [var only]
                && only.ParameterType == typeof(Catalogs)
            )
            .ToArray();
        if (methods.Length == 0)
            throw new UserException(
                $"The extension '{extension.File}' extends nothing. It needs a function from Catalogs to Catalogs: let extend (catalogs: Catalogs) = catalogs.WithLoss(…)"
            );
        try
        {
            return methods.Aggregate(catalogs, (all, method) => (Catalogs)method.Invoke(null, [all])!);
        }
        catch (TargetInvocationException failure)
        {
            throw new UserException(
                $"The extension '{extension.File}' failed: {failure.InnerException?.Message ?? failure.Message}"
            );
        }
    }

    static Assembly Assemble(Extension extension)
    {
        var file = Path.GetFullPath(extension.File);
        if (Path.GetExtension(file).Equals(".fsx", StringComparison.OrdinalIgnoreCase))
            file = Compiled(extension);
        try
        {
            return AssemblyLoadContext.Default.LoadFromAssemblyPath(file);
        }
        catch (Exception failure) when (failure is BadImageFormatException or FileLoadException or IOException)
        {
            throw new UserException($"The extension '{extension.File}' cannot be loaded: {failure.Message}");
        }
    }

    // One of each content, for each version of the library: a script is compiled once.
    static string Compiled(Extension extension)
    {
        var scripts =
            compiler
            ?? throw new UserException(
                $"This program compiles no scripts. Compile '{extension.File}' into a .dll, or use the command line, gan."
            );
        var module = typeof(Extensions).Assembly.ManifestModule.ModuleVersionId.ToString("N")[..8];
        var folder = Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData,
                Environment.SpecialFolderOption.DoNotVerify
            ),
            "gan",
            Folder,
            $"{extension.Sha256[..16]}-{module}"
        );
        var assembly = Path.Combine(
            folder,
            $"{Path.GetFileNameWithoutExtension(extension.File)}-{extension.Sha256[..8]}.dll"
        );
        if (File.Exists(assembly))
            return assembly;
        Directory.CreateDirectory(folder);
        // Another process may be compiling it too: each makes its own, and the last one stays.
        var own = Path.Combine(folder, $"{Guid.NewGuid():N}");
        Directory.CreateDirectory(own);
        var made = Path.Combine(own, Path.GetFileName(assembly));
        scripts.Compile(extension.File, made);
        File.Move(made, assembly, overwrite: true);
        Directory.Delete(own, recursive: true);
        return assembly;
    }
}
