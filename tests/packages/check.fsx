// Makes the packages and uses them as somebody does who has nothing else of Gan: a C# program, an F# script and the
// tool, in an empty folder with package folders of its own. dotnet fsi tests/packages/check.fsx
open System
open System.Diagnostics
open System.IO
open System.IO.Compression
open System.Xml.Linq

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))
let packages = Path.Combine(root, "out", "packages")
let folder = Directory.CreateTempSubdirectory("gan-packages-").FullName
let place name = Path.Combine(folder, name)

/// Runs a command in the folder and returns its exit code and all that it printed.
let capture (environment: (string * string) list) (command: string) (arguments: string list) =
    let info =
        ProcessStartInfo(
            command,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    arguments |> List.iter info.ArgumentList.Add

    for name, value in environment do
        info.Environment[name] <- value

    use running = Process.Start info
    let errors = running.StandardError.ReadToEndAsync()
    let printed = running.StandardOutput.ReadToEnd()
    running.WaitForExit()
    running.ExitCode, printed + errors.Result

/// Runs a command that has to succeed, and to print what is expected.
let expect environment command arguments (expected: string) =
    let code, said = capture environment command arguments
    let line = String.Join(" ", Path.GetFileName(command: string) :: arguments)

    if code <> 0 then
        failwith $"'{line}' failed with exit code {code}:\n{said}"

    if not (said.Contains expected) then
        failwith $"'{line}' did not print '{expected}' but:\n{said}"

/// What there is already is not fetched again, and nothing is added to it.
let ownFolders =
    let _, said = capture [] "dotnet" [ "nuget"; "locals"; "global-packages"; "--list" ]
    let theirs = said.Substring(said.IndexOf ": " + 2).Trim()
    [ "NUGET_PACKAGES", place "packages"; "NUGET_FALLBACK_PACKAGES", theirs ]

let version =
    let props = XDocument.Load(Path.Combine(root, "Directory.Build.props"))
    (props.Descendants(XName.Get "Version") |> Seq.head).Value

let pack () =
    expect [] "dotnet" [ "fsi"; Path.Combine(root, "build.fsx"); "pack" ] "out/packages/gan."

/// What a package depends on, by its own list.
let dependencies (package: string) =
    use archive = ZipFile.OpenRead(Path.Combine(packages, $"{package}.{version}.nupkg"))

    let nuspec = archive.GetEntry $"{package}.nuspec"

    if isNull nuspec || isNull (archive.GetEntry "README.md") then
        failwith $"{package} lacks its nuspec or README.md"

    use stream = nuspec.Open()

    [
        for element in XDocument.Load(stream).Descendants() do
            if element.Name.LocalName = "dependency" then
                element.Attribute(XName.Get "id").Value
    ]

let lists () =
    let expected =
        [
            "Gan.Core", [ "TorchSharp"; "TorchSharp-cpu" ]
            "Gan.Experiments",
            [
                "Gan.Core"
                "MathNet.Numerics"
                "Microsoft.Data.Sqlite"
                "Microsoft.Data.Sqlite.Core"
                "SQLite"
                "SQLitePCLRaw.bundle_e_sqlite3"
                "SQLitePCLRaw.config.e_sqlite3"
                "SQLitePCLRaw.core"
                "SQLitePCLRaw.provider.e_sqlite3"
                "SkiaSharp"
                "SkiaSharp.NativeAssets.Linux.NoDependencies"
                "YamlDotNet"
            ]
            "gan", []
            "gan.linux-x64", []
            "gan.osx-arm64", []
            "gan.win-x64", []
        ]

    for package, names in expected do
        let found = dependencies package

        if found <> names then
            failwith $"{package} depends on %A{found}; expected was %A{names}"

    for package in Directory.GetFiles(packages, "*.nupkg") do
        if FileInfo(package).Length > 250_000_000L then
            failwith $"{Path.GetFileName package} is larger than the 250 MB that NuGet's feed takes"

let spec = Path.Combine(root, "experiments", "ring.yaml")

let program () =
    File.WriteAllText(
        place "nuget.config",
        $"""<configuration><packageSources><add key="gan" value="{packages}" /></packageSources></configuration>"""
    )

    File.WriteAllText(
        place "Ring.csproj",
        $"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <CreateSymbolicLinksForCopyLocalIfPossible>true</CreateSymbolicLinksForCopyLocalIfPossible>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Gan.Experiments" Version="{version}" />
  </ItemGroup>
</Project>"""
    )

    File.WriteAllText(
        place "Program.cs",
        """using Gan.Experiments;

var spec = ExperimentSpec.Load(args[0], ["steps=20", "batch=64"]);
var outcome = ExperimentRunner.Train(spec, RunStart.New, new Silent(), CancellationToken.None);
Console.WriteLine($"trained for {outcome.Step} steps");

sealed class Silent : IRunObserver
{
    public void On(RunEvent happened) { }
}
"""
    )

    expect ownFolders "dotnet" [ "run"; "-c"; "Release"; "--"; spec ] "trained for 20 steps"

let script () =
    // Under a name of its own, since F# remembers where it found what a script's lines name.
    let feed = place "feed"
    Directory.CreateSymbolicLink(feed, packages) |> ignore
    let text = File.ReadAllText(Path.Combine(__SOURCE_DIRECTORY__, "ring.fsx"))

    if not (File.ReadAllText(Path.Combine(root, "README.md")).Contains text) then
        failwith "README.md shows another script than tests/packages/ring.fsx"

    File.WriteAllText(place "ring.fsx", text.Replace("/path/to/out/packages", feed))
    expect ownFolders "dotnet" [ "fsi"; place "ring.fsx" ] "step 100"

let tool () =
    let tools = place "tools"

    expect
        ownFolders
        "dotnet"
        [
            "tool"
            "install"
            "gan"
            "--tool-path"
            tools
            "--add-source"
            packages
            "--version"
            version
        ]
        "successfully installed"

    let gan = Path.Combine(tools, "gan")
    expect [] gan [ "doctor" ] "TorchSharp"
    expect [] gan [ "train"; spec; "--set"; "steps=50" ] "finished at step 50"

let mutable failed = false

for name, check in
    [
        "pack", pack
        "dependencies", lists
        "C# program", program
        "F# script", script
        "tool", tool
    ] do
    if not failed then
        let watch = Stopwatch.StartNew()

        try
            check ()
            printfn $"passed {name} (%.0f{watch.Elapsed.TotalSeconds} s)"
        with failure ->
            failed <- true
            eprintfn $"failed {name}: {failure.Message}"

Directory.Delete(folder, true)
exit (if failed then 1 else 0)
