/// Where things are: the repository, its built command line, and the real data that some tests look for.
module Gan.Testing.Places

open System
open System.IO
open System.Net
open System.Net.Sockets
open System.Runtime.CompilerServices

type private Here =
    static member Folder([<CallerFilePath>] ?path: string) =
        nonNull (Path.GetDirectoryName(defaultArg path ""))

/// The repository's root.
let root = Path.GetFullPath(Path.Combine(Here.Folder(), "..", ".."))

/// The command line's assembly.
let ganDll =
    Path.Combine(root, "src", "Gan.Cli", "bin", "Release", "net10.0", "gan.dll")

/// The folder of real data: GAN_DATA, or ../shared/data beside the repository; None where neither is there.
let data =
    match Environment.GetEnvironmentVariable "GAN_DATA" with
    | null
    | "" -> Path.GetFullPath(Path.Combine(root, "..", "shared", "data"))
    | folder -> folder
    |> fun folder -> if Directory.Exists folder then Some folder else None

/// A port of this machine that nobody listens on.
let freePort () =
    use probe = new TcpListener(IPAddress.Loopback, 0)
    probe.Start()
    (probe.LocalEndpoint :?> IPEndPoint).Port

/// A new empty folder, for one test.
let newFolder () =
    Directory.CreateTempSubdirectory("gan-test-").FullName
