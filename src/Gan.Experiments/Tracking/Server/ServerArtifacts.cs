namespace Gan.Experiments;

/// <summary>
/// Brings a run's artifacts to where a server keeps them: through the server, or onto the same disk where the server is
/// on this machine. Each file is sent once per change, and its size there is looked at afterwards.
/// </summary>
internal sealed class ServerArtifacts(ServerConnection connection, ServerLink link, Action<ServerLink> keep)
{
    const string Proxy = "api/2.0/mlflow-artifacts/artifacts";
    const string Rotated = "checkpoints/step-";
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Sends what is new, and deletes checkpoints that newer ones have taken the place of.</summary>
    /// <param name="run">The run.</param>
    /// <param name="ended">True to send files that changed a moment ago, too.</param>
    /// <param name="cancellation">Gives up; what is sent stays sent.</param>
    /// <exception cref="UserException">A file was not taken; all others were tried.</exception>
    public void Upload(RunFolder run, bool ended, CancellationToken cancellation)
    {
        var files = Files(run, ended).ToDictionary(file => file.Path, file => file.State);
        var fresh = files.Where(file => link.Uploaded.GetValueOrDefault(file.Key) != file.Value).ToArray();
        var gone = Replaced(files.Keys).ToArray();
        if (fresh.Length == 0 && gone.Length == 0)
            return;
        var place = Place();
        var uploaded = new Dictionary<string, string>(link.Uploaded);
        Exception? failure = null;
        foreach (var (path, state) in fresh)
            Try(() =>
            {
                place.Send(Path.Combine(run.Artifacts, path), path, cancellation);
                uploaded[path] = state;
            });
        foreach (var path in gone)
            Try(() =>
            {
                place.Delete(path, cancellation);
                uploaded.Remove(path);
            });
        keep(link with { Uploaded = uploaded });
        if (failure is not null)
            throw new UserException(failure.Message);

        void Try(Action action)
        {
            if (cancellation.IsCancellationRequested)
                failure ??= new OperationCanceledException(cancellation);
            else
                try
                {
                    action();
                }
                catch (Exception one)
                    when (one is UserException or ServerException or IOException or OperationCanceledException)
                {
                    failure = one;
                }
        }
    }

    // Only these are ever deleted there: whoever clears a folder here does not mean the server's copy.
    IEnumerable<string> Replaced(IEnumerable<string> here)
    {
        var newest = here.Where(IsRotated).Order(StringComparer.Ordinal).LastOrDefault();
        return link.Uploaded.Keys.Where(path =>
            IsRotated(path) && newest is not null && string.CompareOrdinal(path, newest) < 0 && !here.Contains(path)
        );
    }

    static bool IsRotated(string path) => path.StartsWith(Rotated, StringComparison.Ordinal);

    static IEnumerable<(string Path, string State)> Files(RunFolder run, bool ended)
    {
        if (!Directory.Exists(run.Artifacts))
            yield break;
        var now = DateTime.UtcNow;
        foreach (var file in new DirectoryInfo(run.Artifacts).EnumerateFiles("*", SearchOption.AllDirectories))
            if (file.Extension != AtomicFile.Temporary && (ended || now - file.LastWriteTimeUtc > Quiet))
                yield return (
                    Path.GetRelativePath(run.Artifacts, file.FullName).Replace('\\', '/'),
                    string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.LastWriteTimeUtc.Ticks}")
                );
    }

    IPlace Place()
    {
        var uri = link.ArtifactUri;
        if (uri.StartsWith("mlflow-artifacts:", StringComparison.Ordinal))
        {
            var rest = uri["mlflow-artifacts:".Length..];
            // mlflow-artifacts://host:port/… is another server; mlflow-artifacts:/… is this one.
            return
                rest.StartsWith("//", StringComparison.Ordinal)
                && new Uri($"{connection.Address.Scheme}:{rest}") is { Host.Length: > 0 } other
                ? new Proxied(connection, new Uri(other.GetLeftPart(UriPartial.Authority) + "/"), other.AbsolutePath)
                : new Proxied(connection, connection.Address, rest);
        }
        var local = uri.StartsWith('/') || uri.StartsWith("file:", StringComparison.Ordinal);
        if (local && connection.Address.IsLoopback && !link.Imported)
            return new Disk(uri.StartsWith('/') ? uri : new Uri(uri).LocalPath);
        throw new UserException(
            $"The artifacts stay in this folder: the server keeps them in '{uri}', {(local ? "a disk of its own machine" : "which gan does not write to")}. Start it with --serve-artifacts, and it takes them."
        );
    }

    interface IPlace
    {
        void Send(string file, string path, CancellationToken cancellation);
        void Delete(string path, CancellationToken cancellation);
    }

    sealed class Disk(string root) : IPlace
    {
        public void Send(string file, string path, CancellationToken cancellation)
        {
            var target = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }

        public void Delete(string path, CancellationToken cancellation) => File.Delete(Path.Combine(root, path));
    }

    sealed class Proxied(ServerConnection connection, Uri server, string root) : IPlace
    {
        public void Send(string file, string path, CancellationToken cancellation)
        {
            var size = new FileInfo(file).Length;
            connection.Put(Target(path), file, cancellation);
            var there = Size(path, cancellation);
            if (there != size && new FileInfo(file).Length == size)
                throw new UserException(
                    $"The server {connection.Address} has {there?.ToString(CultureInfo.InvariantCulture) ?? "nothing"} of the {size} bytes of '{path}'."
                );
        }

        public void Delete(string path, CancellationToken cancellation) =>
            connection.Delete(Target(path), cancellation);

        Uri Target(string path) => new(server, $"{Proxy}/{Escaped($"{root.Trim('/')}/{path}")}");

        long? Size(string path, CancellationToken cancellation)
        {
            var folder = Path.GetDirectoryName(path)!.Replace('\\', '/');
            var listing = connection.Get(
                new Uri(server, $"{Proxy}?path={Uri.EscapeDataString($"{root.Trim('/')}/{folder}".TrimEnd('/'))}"),
                cancellation
            );
            var name = Path.GetFileName(path);
            var found = (listing["files"] as JsonArray)?.FirstOrDefault(file =>
                Path.GetFileName(file!["path"]!.ToString()) == name
            );
            return found is null
                ? null
                : long.Parse(found["file_size"]?.ToString() ?? "0", CultureInfo.InvariantCulture);
        }

        static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
    }
}
